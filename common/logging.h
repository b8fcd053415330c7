// One line a message on standard error: time, level, process, text. `EB_LOG(INFO) << "leased " <<
// job;` The level is set once at start-up (--log-level); lines below it are not formatted.
#pragma once

#include <sstream>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entrobench {

enum class LogLevel { DEBUG, INFO, WARNING, ERROR };

// Call once, before threads start. `process` is the word shown in each line, e.g. "worker".
void SetUpLogging(absl::string_view process, LogLevel least);
absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view word);  // debug, info, warning, error
bool LogEnabled(LogLevel level);

class LogLine {
 public:
  explicit LogLine(LogLevel level) : level_(level) {}
  ~LogLine();  // writes the line with one write(2), so lines of several threads never mix
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;
  std::ostream& stream() { return stream_; }

 private:
  LogLevel level_;
  std::ostringstream stream_;
};

// Makes both arms of EB_LOG's conditional void; binds looser than <<.
struct LogVoid {
  void operator&(std::ostream&) {}
};

}  // namespace entrobench

#define EB_LOG(level)                                      \
  !::entrobench::LogEnabled(::entrobench::LogLevel::level) \
      ? (void)0                                            \
      : ::entrobench::LogVoid() & ::entrobench::LogLine(::entrobench::LogLevel::level).stream()
