#include "common/logging.h"

#include <unistd.h>

#include <atomic>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace entrobench {
namespace {

// Set once at start-up, read by every thread.
std::atomic<LogLevel> least_level{LogLevel::INFO};
std::string& ProcessName() {
  static std::string name = "entrobench";
  return name;
}

}  // namespace

void SetUpLogging(absl::string_view process, LogLevel least) {
  ProcessName() = std::string(process);
  least_level = least;
}

absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view word) {
  if (word == "debug") return LogLevel::DEBUG;
  if (word == "info") return LogLevel::INFO;
  if (word == "warning") return LogLevel::WARNING;
  if (word == "error") return LogLevel::ERROR;
  return absl::InvalidArgumentError(
      absl::StrCat("unknown log level '", word, "'; use debug, info, warning or error"));
}

bool LogEnabled(LogLevel level) { return level >= least_level.load(std::memory_order_relaxed); }

LogLine::~LogLine() {
  static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
  const std::string line =
      absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone()), " ",
                   kNames[static_cast<int>(level_)], " ", ProcessName(), ": ", stream_.str(), "\n");
  const ssize_t ignored = write(STDERR_FILENO, line.data(), line.size());
  (void)ignored;
}

}  // namespace entrobench
