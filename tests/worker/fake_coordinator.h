// A coordinator of a test's own on a loopback port: it does what the test says and remembers what
// the worker sent.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/mutex.h"
#include "entrobench/v1/worker.grpc.pb.h"
#include "grpcpp/server.h"
#include "worker/attempt_ref.h"

namespace entrobench {

class FakeCoordinator : public v1::WorkerService::Service {
 public:
  FakeCoordinator();
  ~FakeCoordinator() override;

  const std::string& address() const { return address_; }

  // ---- What it does.

  void set_acknowledge(bool on);  // batches, as they come; at first on
  void set_refuse(bool on);       // every new stream
  void AddArtifact(const std::string& digest, std::string bytes);
  void Send(const v1::CoordinatorMessage& message);  // on the stream; waits for one
  void SendStart(AttemptRef attempt, const std::string& method, uint64_t samples,
                 const std::map<std::string, std::string>& params = {});
  void SendAck(AttemptRef attempt, uint64_t sequence, bool stale = false);
  void BreakStream();

  // ---- What it saw. Each waits until it is so; ctest's limit ends a wait in vain.

  v1::Hello WaitForHello(size_t count);  // the count-th, from 1
  // Until a heartbeat newer than this call satisfies the condition.
  v1::Heartbeat WaitForHeartbeat(const std::function<bool(const v1::Heartbeat&)>& condition);
  v1::AttemptEnd WaitForEnd(AttemptRef attempt);
  void WaitForSample(AttemptRef attempt, uint64_t sample);
  v1::InspectReply WaitForInspectReply();
  void WaitForBatches(size_t count);  // in all, repeated ones too

  // What is recorded of an attempt, each sequence number once, as a store would.
  std::vector<uint64_t> SamplesOf(AttemptRef attempt);
  uint64_t batches_repeated();

 private:
  grpc::Status Connect(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::CoordinatorMessage, v1::WorkerMessage>* stream) override;
  grpc::Status ReadArtifact(grpc::ServerContext* context, const v1::ReadArtifactRequest* request,
                            grpc::ServerWriter<v1::ArtifactChunk>* writer) override;
  void Record(const v1::ResultBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  struct Recorded {
    std::map<uint64_t, v1::ResultBatch> batches;  // by sequence number
  };

  Mutex mutex_;
  CondVar changed_;
  bool acknowledge_ ABSL_GUARDED_BY(mutex_) = true;
  bool refuse_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ServerContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  grpc::ServerReaderWriter<v1::CoordinatorMessage, v1::WorkerMessage>* stream_
      ABSL_GUARDED_BY(mutex_) = nullptr;  // after its Hello
  std::map<std::string, std::string> artifacts_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Hello> hellos_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Heartbeat> heartbeats_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::InspectReply> inspect_replies_ ABSL_GUARDED_BY(mutex_);
  std::map<AttemptRef, Recorded> recorded_ ABSL_GUARDED_BY(mutex_);
  size_t batches_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t repeated_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace entrobench
