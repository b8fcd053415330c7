#include "evaluators/runtime/blas.h"

#include <dlfcn.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace entrobench {

std::string DescribeBlas() {
  using GetConfig = char* (*)();
  using GetThreads = int (*)();
  const auto config = reinterpret_cast<GetConfig>(dlsym(RTLD_DEFAULT, "openblas_get_config"));
  const auto threads =
      reinterpret_cast<GetThreads>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
  if (config != nullptr) {
    // The configuration begins with the name: "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...".
    std::string text(absl::StripAsciiWhitespace(config()));
    if (threads != nullptr) absl::StrAppend(&text, ", ", threads(), " threads");
    return text;
  }
  void* const product = dlsym(RTLD_DEFAULT, "sgemm_");
  if (product == nullptr) return "none";
  Dl_info info;
  const bool known = dladdr(product, &info) != 0 && info.dli_fname != nullptr;
  return absl::StrCat("reference BLAS (", known ? info.dli_fname : "unknown file",
                      "): slow, install libopenblas0-pthread");
}

}  // namespace entrobench
