// The workers' side of the coordinator: streams and files. Translates between gRPC and the
// dispatcher and knows no rule.
#pragma once

#include <memory>

#include "common/executor.h"
#include "coordinator/services/dispatcher.h"
#include "coordinator/store/artifacts.h"
#include "entrobench/v1/worker.grpc.pb.h"

namespace entrobench {

class WorkerServiceImpl final : public v1::WorkerService::CallbackService {
 public:
  // All must outlive the server. `files` is where disks are read.
  WorkerServiceImpl(Dispatcher* dispatcher, Artifacts* artifacts, Executor* files)
      : dispatcher_(dispatcher), artifacts_(artifacts), files_(files) {}

  grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>* Connect(
      grpc::CallbackServerContext* context) override;
  grpc::ServerWriteReactor<v1::ArtifactChunk>* ReadArtifact(
      grpc::CallbackServerContext* context, const v1::ReadArtifactRequest* request) override;

 private:
  Dispatcher* const dispatcher_;
  Artifacts* const artifacts_;
  Executor* const files_;
};

}  // namespace entrobench
