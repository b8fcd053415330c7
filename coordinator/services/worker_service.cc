#include "coordinator/services/worker_service.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/services/grpc_status.h"

namespace entrobench {
namespace {

// One worker's stream. Keeps itself alive until gRPC is done with it; the dispatcher may hold it
// longer.
class WorkerStream final
    : public grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>,
      public WorkerLink,
      public std::enable_shared_from_this<WorkerStream> {
 public:
  explicit WorkerStream(Dispatcher* dispatcher) : dispatcher_(dispatcher) {}

  void Begin() {
    self_ = shared_from_this();
    StartRead(&incoming_);
  }

  void Send(const v1::CoordinatorMessage& message) override {
    MutexLock lock(&mutex_);
    if (closing_) return;
    outgoing_.push_back(message);
    if (outgoing_.size() == 1) StartWrite(&outgoing_.front());
  }

  void Close(const absl::Status& why) override {
    MutexLock lock(&mutex_);
    if (closing_) return;
    closing_ = true;
    status_ = ToGrpc(why);
    if (outgoing_.empty()) Finish(status_);  // else when the write that is under way has ended
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Close(absl::OkStatus());
      return;
    }
    const auto self = shared_from_this();
    switch (incoming_.kind_case()) {
      case v1::WorkerMessage::kHello:
        dispatcher_->Hello(self, std::move(*incoming_.mutable_hello()));
        break;
      case v1::WorkerMessage::kHeartbeat:
        dispatcher_->Heartbeat(self, std::move(*incoming_.mutable_heartbeat()));
        break;
      case v1::WorkerMessage::kBatch:
        dispatcher_->Batch(self, std::move(*incoming_.mutable_batch()));
        break;
      case v1::WorkerMessage::kInspectReply:
        dispatcher_->Inspected(self, std::move(*incoming_.mutable_inspect_reply()));
        break;
      case v1::WorkerMessage::KIND_NOT_SET:
        break;  // from a newer worker: nothing that we would understand
    }
    incoming_.Clear();
    MutexLock lock(&mutex_);
    if (!closing_) StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    MutexLock lock(&mutex_);
    outgoing_.pop_front();
    if (!ok || closing_) outgoing_.clear();
    if (!outgoing_.empty()) {
      StartWrite(&outgoing_.front());
    } else if (closing_) {
      Finish(status_);
    }
  }

  void OnCancel() override { Close(absl::CancelledError("the worker went away")); }

  void OnDone() override {
    dispatcher_->Gone(shared_from_this());
    self_.reset();
  }

 private:
  Dispatcher* const dispatcher_;
  v1::WorkerMessage incoming_;
  std::shared_ptr<WorkerStream> self_;

  Mutex mutex_;
  std::deque<v1::CoordinatorMessage> outgoing_
      ABSL_GUARDED_BY(mutex_);  // the front one is being written
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);  // to finish with
};

// Sends a file by pieces; the disk is read on the files' executor.
class ArtifactStream final : public grpc::ServerWriteReactor<v1::ArtifactChunk> {
 public:
  ArtifactStream(Executor* files, std::string path, uint64_t offset)
      : files_(files), path_(std::move(path)), offset_(offset) {
    files_->Post([this] { Next(); });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::CANCELLED);
      return;
    }
    files_->Post([this] { Next(); });
  }

  void OnDone() override {
    if (fd_ >= 0) close(fd_);
    delete this;
  }

 private:
  static constexpr size_t kChunk = 1 << 20;

  void Next() {
    if (fd_ < 0) {
      fd_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
      struct stat info {};
      if (fd_ < 0 || fstat(fd_, &info) != 0) {
        Finish(ToGrpc(absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path_))));
        return;
      }
      total_ = static_cast<uint64_t>(info.st_size);
    }
    std::string* data = chunk_.mutable_data();
    data->resize(kChunk);
    const ssize_t n = pread(fd_, data->data(), data->size(), static_cast<off_t>(offset_));
    if (n < 0) {
      Finish(ToGrpc(absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path_))));
      return;
    }
    if (n == 0) {
      Finish(grpc::Status::OK);
      return;
    }
    data->resize(static_cast<size_t>(n));
    chunk_.set_total_bytes(total_);
    offset_ += static_cast<uint64_t>(n);
    StartWrite(&chunk_);
  }

  Executor* const files_;
  const std::string path_;
  uint64_t offset_;
  uint64_t total_ = 0;
  int fd_ = -1;
  v1::ArtifactChunk chunk_;
};

// A stream that only says why there is none.
class RefusedStream final : public grpc::ServerWriteReactor<v1::ArtifactChunk> {
 public:
  explicit RefusedStream(const absl::Status& why) { Finish(ToGrpc(why)); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>* WorkerServiceImpl::Connect(
    grpc::CallbackServerContext*) {
  const auto stream = std::make_shared<WorkerStream>(dispatcher_);
  stream->Begin();
  return stream.get();
}

grpc::ServerWriteReactor<v1::ArtifactChunk>* WorkerServiceImpl::ReadArtifact(
    grpc::CallbackServerContext*, const v1::ReadArtifactRequest* request) {
  absl::StatusOr<std::string> path = artifacts_->Path(request->digest());
  if (!path.ok()) return new RefusedStream(path.status());
  return new ArtifactStream(files_, *std::move(path), request->offset());
}

}  // namespace entrobench
