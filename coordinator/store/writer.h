// Group commit: the one thread that writes. It takes all requests that wait, runs them in one
// transaction, commits (one sync), then answers all. While it syncs, the next group gathers.
//
// A request that fails must leave no trace. Most fail before they write, so the group runs without
// savepoints (which cost as much as a small batch); should one fail after it has written, the group
// is rolled back and run again with a savepoint for each.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "coordinator/store/sqlite.h"

namespace entrobench {

class Writer {
 public:
  explicit Writer(std::unique_ptr<Connection> db);
  ~Writer();  // runs and answers what is queued
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Runs `work` on the writer's thread. When it fails its changes are undone and `answer` gets its
  // error; else `answer` gets what it returned, after the commit, or the commit's error. `work` may
  // run twice: it changes nothing but the database.
  template <typename T>
  void Submit(std::function<absl::StatusOr<T>(Connection&)> work,
              std::function<void(absl::StatusOr<T>)> answer) {
    auto result = std::make_shared<absl::StatusOr<T>>(absl::UnknownError("not run"));
    Enqueue({[work = std::move(work), result](Connection& db) {
               *result = work(db);
               return result->status();
             },
             [answer = std::move(answer), result](const absl::Status& status) {
               if (status.ok()) {
                 answer(*std::move(result));
               } else {
                 answer(status);
               }
             }});
  }
  void Submit(std::function<absl::Status(Connection&)> work,
              std::function<void(absl::Status)> answer) {
    Enqueue({std::move(work), std::move(answer)});
  }

 private:
  struct Request {
    std::function<absl::Status(Connection&)> work;
    std::function<void(absl::Status)> answer;
    absl::Status status = absl::OkStatus();
  };

  void Enqueue(Request request);
  void Loop();
  void CommitGroup(std::deque<Request>* group);
  // Not OK: the whole group has failed. Aborted: it has to run again with savepoints.
  absl::Status RunGroup(std::deque<Request>* group, bool savepoints);
  absl::Status RunOne(Request* request, bool savepoint);

  const std::unique_ptr<Connection> db_;  // the writer's thread only
  Mutex mutex_;
  CondVar wake_;
  std::deque<Request> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace entrobench
