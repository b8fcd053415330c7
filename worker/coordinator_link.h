// The worker's stream to the coordinator.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/executor.h"
#include "common/mutex.h"
#include "entrobench/v1/worker.grpc.pb.h"
#include "entrobench/v1/worker.pb.h"
#include "grpcpp/channel.h"
#include "worker/artifact_cache.h"

namespace entrobench {

// A channel to "HOST:PORT" that notices a peer that is gone without a word (keepalive), and that
// tries again itself soon enough not to get in the way of the agent's backoff.
std::shared_ptr<grpc::Channel> DialCoordinator(const std::string& address);

// At most one stream at a time. All members, and all callbacks, on `owner`.
class CoordinatorLink {
 public:
  struct Callbacks {
    std::function<void(v1::CoordinatorMessage)> message;
    std::function<void()> writable;             // what was given to Write is on its way
    std::function<void(std::string why)> down;  // the stream's last callback
  };

  // `owner` outlives the link.
  CoordinatorLink(std::shared_ptr<grpc::Channel> channel, Executor* owner, Callbacks callbacks);
  ~CoordinatorLink();  // ends the stream and waits for it; on no particular thread
  CoordinatorLink(const CoordinatorLink&) = delete;
  CoordinatorLink& operator=(const CoordinatorLink&) = delete;

  // Starts a stream; there must be none. `down` follows in any case, sooner or later.
  void Connect();

  // One message at a time: the next only after `writable`. A message that the coordinator never
  // read is lost without a word when the stream goes down.
  void Write(const v1::WorkerMessage& message);

  // Ends the stream; `down` follows.
  void Disconnect();

 private:
  class Stream;

  const std::unique_ptr<v1::WorkerService::Stub> stub_;
  Executor* const owner_;
  const std::shared_ptr<const Callbacks> callbacks_;
  std::shared_ptr<Stream> stream_;
};

// Reads artifacts from the coordinator.
class CoordinatorArtifacts : public ArtifactSource {
 public:
  explicit CoordinatorArtifacts(std::shared_ptr<grpc::Channel> channel);

  absl::Status Read(const std::string& digest, uint64_t offset, const Take& take) override
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends running reads, and every later one at once, with Cancelled.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const std::unique_ptr<v1::WorkerService::Stub> stub_;
  Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<grpc::ClientContext*> running_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace entrobench
