#include "coordinator/store/writer.h"

#include <pthread.h>

#include "common/logging.h"
#include "common/status_macros.h"

namespace entrobench {
namespace {

// More waits for the next group, so that the first of a long queue is not kept waiting for all.
constexpr size_t kMaxGroup = 1024;

// The disk's failures, which are nobody's input: everything in the transaction shares them.
bool FailsTheGroup(const absl::Status& status) {
  return absl::IsResourceExhausted(status) || absl::IsDataLoss(status) ||
         absl::IsUnavailable(status);
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> db) : db_(std::move(db)), thread_([this] { Loop(); }) {
  pthread_setname_np(thread_.native_handle(), "store-writer");
}

Writer::~Writer() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  wake_.NotifyOne();
  thread_.join();
}

void Writer::Enqueue(Request request) {
  bool was_empty = false;
  {
    MutexLock lock(&mutex_);
    was_empty = queue_.empty();
    queue_.push_back(std::move(request));
  }
  if (was_empty) wake_.NotifyOne();  // else the writer has not yet come for the others
}

void Writer::Loop() {
  for (;;) {
    std::deque<Request> group;
    {
      MutexLock lock(&mutex_);
      while (queue_.empty() && !stopping_) wake_.Wait(&mutex_);
      if (queue_.empty()) return;
      if (queue_.size() <= kMaxGroup) {
        group.swap(queue_);
      } else {
        for (size_t i = 0; i < kMaxGroup; ++i) {
          group.push_back(std::move(queue_.front()));
          queue_.pop_front();
        }
      }
    }
    CommitGroup(&group);
    for (Request& request : group) request.answer(std::move(request.status));
  }
}

void Writer::CommitGroup(std::deque<Request>* group) {
  absl::Status all = RunGroup(group, /*savepoints=*/false);
  if (absl::IsAborted(all)) all = RunGroup(group, /*savepoints=*/true);
  if (all.ok()) return;
  EB_LOG(ERROR) << "nothing of " << group->size() << " writes was stored: " << all.message();
  for (Request& request : *group) {
    if (request.status.ok()) request.status = all;
  }
}

absl::Status Writer::RunGroup(std::deque<Request>* group, bool savepoints) {
  absl::Status all = db_->Prepare("BEGIN IMMEDIATE").Run();
  for (auto it = group->begin(); it != group->end() && all.ok(); ++it) {
    all = RunOne(&*it, savepoints);
  }
  if (all.ok()) all = db_->Prepare("COMMIT").Run();
  if (!all.ok() && db_->in_transaction()) db_->Execute("ROLLBACK").IgnoreError();
  return all;
}

absl::Status Writer::RunOne(Request* request, bool savepoint) {
  if (savepoint) EB_RETURN_IF_ERROR(db_->Prepare("SAVEPOINT request").Run());
  const int64_t before = db_->total_changes();
  request->status = request->work(*db_);
  const bool failed = !request->status.ok();
  if (failed && (FailsTheGroup(request->status) || !db_->in_transaction())) return request->status;
  if (!savepoint) {
    return failed && db_->total_changes() != before
               ? absl::AbortedError("a request failed after it had written")
               : absl::OkStatus();
  }
  if (failed) EB_RETURN_IF_ERROR(db_->Prepare("ROLLBACK TO request").Run());
  return db_->Prepare("RELEASE request").Run();
}

}  // namespace entrobench
