// Holds a data folder for this process: two coordinators on one database would each count on being
// the only writer.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace entrobench {

class DataLock {
 public:
  // Locks <data_dir>/entrobench.lock, which names the holder's process id. FailedPrecondition:
  // somebody has it. The system gives the lock back when the process ends, however it ends.
  static absl::StatusOr<std::unique_ptr<DataLock>> Take(const std::string& data_dir);
  ~DataLock();
  DataLock(const DataLock&) = delete;
  DataLock& operator=(const DataLock&) = delete;

 private:
  explicit DataLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace entrobench
