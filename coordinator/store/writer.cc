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
  {
    MutexLock lock(&mutex_);
    queue_.push_back(std::move(request));
  }
  wake_.NotifyOne();
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
  absl::Status all = db_->Execute("BEGIN IMMEDIATE");
  for (auto it = group->begin(); it != group->end() && all.ok(); ++it) all = RunOne(&*it);
  if (all.ok()) all = db_->Prepare("COMMIT").Run();
  if (all.ok()) return;
  if (db_->in_transaction()) db_->Execute("ROLLBACK").IgnoreError();
  EB_LOG(ERROR) << "nothing of " << group->size() << " writes was stored: " << all.message();
  for (Request& request : *group) {
    if (request.status.ok()) request.status = all;
  }
}

absl::Status Writer::RunOne(Request* request) {
  EB_RETURN_IF_ERROR(db_->Prepare("SAVEPOINT request").Run());
  request->status = request->work(*db_);
  if (!request->status.ok()) {
    if (FailsTheGroup(request->status) || !db_->in_transaction()) return request->status;
    EB_RETURN_IF_ERROR(db_->Prepare("ROLLBACK TO request").Run());
  }
  return db_->Prepare("RELEASE request").Run();
}

}  // namespace entrobench
