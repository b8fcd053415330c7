#include "common/executor.h"

#include <pthread.h>

#include <utility>

#include "absl/time/clock.h"

namespace entrobench {

Executor::Executor(std::string name) : thread_([this] { Loop(); }) {
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

Executor::~Executor() { Stop(); }

void Executor::Post(Task task) {
  {
    MutexLock lock(&mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
  }
  wake_.NotifyOne();
}

void Executor::PostAfter(absl::Duration delay, Task task) {
  {
    MutexLock lock(&mutex_);
    if (stopping_) return;
    delayed_.emplace(absl::Now() + delay, std::move(task));
  }
  wake_.NotifyOne();
}

void Executor::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  wake_.NotifyOne();
  if (thread_.joinable()) thread_.join();
}

void Executor::Loop() {
  std::deque<Task> batch;
  for (;;) {
    {
      MutexLock lock(&mutex_);
      for (;;) {
        const absl::Time now = absl::Now();
        while (!delayed_.empty() && delayed_.begin()->first <= now) {
          tasks_.push_back(std::move(delayed_.begin()->second));
          delayed_.erase(delayed_.begin());
        }
        if (!tasks_.empty()) break;
        if (stopping_) return;
        if (delayed_.empty()) {
          wake_.Wait(&mutex_);
        } else {
          wake_.WaitFor(&mutex_, delayed_.begin()->first - now);
        }
      }
      batch.swap(tasks_);
    }
    for (Task& task : batch) task();
    batch.clear();
  }
}

}  // namespace entrobench
