// One thread that runs what it is given, in order. State that only its tasks touch needs no lock.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "common/mutex.h"

namespace entrobench {

class Executor {
 public:
  using Task = std::function<void()>;

  explicit Executor(std::string name);
  ~Executor();  // Stop()
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // From any thread. Tasks run one at a time, in the order of the calls. After Stop() a task is
  // dropped.
  void Post(Task task);
  void PostAfter(absl::Duration delay, Task task);

  // Runs what was posted before (not what is delayed), then ends the thread. Must not be called
  // from a task.
  void Stop();

  bool InThisThread() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  void Loop();

  Mutex mutex_;
  CondVar wake_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  std::multimap<absl::Time, Task> delayed_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace entrobench
