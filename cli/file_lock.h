// A lock on a file that names its holder: "who runs on this folder?". The system gives it back when
// the holder ends, however it ends, so that nothing stale can be left behind.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entrobench::cli {

class FileLock {
 public:
  // AlreadyExists: another process holds it. A process must not open the file otherwise while it
  // holds the lock.
  static absl::StatusOr<std::unique_ptr<FileLock>> Take(const std::string& path);

  // The process that holds the lock; 0 when none does.
  static pid_t Holder(const std::string& path);

  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace entrobench::cli
