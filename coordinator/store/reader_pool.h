// The threads that read, each with its own connection.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "coordinator/store/reader.h"
#include "coordinator/store/sqlite.h"

namespace entrobench {

class ReaderPool {
 public:
  static absl::StatusOr<std::unique_ptr<ReaderPool>> Open(const std::string& path, int threads);
  ~ReaderPool();  // runs what is queued
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  // Runs the task on one of the threads, in one snapshot of the database.
  void Run(std::function<void(Reader&)> task);

 private:
  explicit ReaderPool(std::vector<std::unique_ptr<Connection>> connections);
  void Loop(Connection* db);

  const std::vector<std::unique_ptr<Connection>> connections_;
  Mutex mutex_;
  CondVar wake_;
  std::deque<std::function<void(Reader&)>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace entrobench
