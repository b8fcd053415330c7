#include "common/build_info.h"

#include "common/digest.h"

namespace entrobench {

const std::string& BuildId() {
  static const std::string id = [] {
    const auto digest = Sha256File("/proc/self/exe");
    return std::string(kVersion) + "+" + (digest.ok() ? digest->substr(0, 12) : "unknown");
  }();
  return id;
}

}  // namespace entrobench
