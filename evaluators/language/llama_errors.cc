#include "evaluators/language/llama_errors.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "llama.h"

namespace entrobench {
namespace {

// llama.cpp has one log for the process and calls it in the thread that asked; each thread has its
// own errors.
std::string& ErrorsOfThisThread() {
  thread_local std::string errors;
  return errors;
}

void Collect(ggml_log_level level, const char* text, void*) {
  if (level != GGML_LOG_LEVEL_ERROR) return;
  std::string& errors = ErrorsOfThisThread();
  if (errors.size() > 1000) return;
  if (!errors.empty()) errors += "; ";
  absl::StrAppend(&errors, absl::StripAsciiWhitespace(text));
}

}  // namespace

void CollectLlamaErrors() { llama_log_set(Collect, nullptr); }

std::string TakeLlamaErrors() { return std::exchange(ErrorsOfThisThread(), std::string()); }

}  // namespace entrobench
