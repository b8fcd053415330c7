// The coordinator as the CLI sees it: one plain function for each call, errors as sentences. Only
// client.cc knows gRPC.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/data_folder.h"
#include "cli/interrupt.h"
#include "entrobench/v1/entrobench.pb.h"

namespace entrobench::cli {

class Client {
 public:
  // Connects with the first call. `interrupt` must outlive it; it ends the calls that stream.
  Client(Address address, Interrupt* interrupt);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const std::string& address() const { return address_.text; }

  // Every call: Unavailable when no coordinator answers, its message saying how to start one.
  // Errors of the coordinator keep their code and text.
  absl::StatusOr<v1::Server> GetServer();
  absl::StatusOr<v1::SubmitSweepReply> SubmitSweep(const v1::SubmitSweepRequest& request);
  absl::StatusOr<v1::ListSweepsReply> ListSweeps();
  absl::StatusOr<v1::GetSweepReply> GetSweep(uint64_t id);
  absl::StatusOr<v1::SweepStatus> CancelSweep(uint64_t id);
  absl::StatusOr<v1::SweepStatus> RetrySweep(uint64_t id);
  absl::StatusOr<v1::Leaderboard> GetLeaderboard(v1::LeaderboardRequest request);
  absl::StatusOr<v1::TrialDetail> GetTrial(uint64_t id);
  absl::StatusOr<v1::ListSamplesReply> ListSamples(const v1::ListSamplesRequest& request);
  absl::StatusOr<v1::GetSampleReply> GetSample(uint64_t trial_id, uint64_t sample_id);
  absl::StatusOr<v1::Comparison> Compare(const v1::CompareRequest& request);
  absl::StatusOr<v1::Baseline> SetBaseline(const v1::SetBaselineRequest& request);
  absl::StatusOr<v1::ListBaselinesReply> ListBaselines();
  absl::Status DeleteBaseline(const std::string& name);
  absl::StatusOr<v1::GateReport> RunGate(const v1::GateRequest& request);
  absl::StatusOr<v1::ListGatesReply> ListGates(const v1::ListGatesRequest& request);
  absl::StatusOr<v1::ListMethodsReply> ListMethods();
  absl::StatusOr<v1::ListSuitesReply> ListSuites();
  absl::StatusOr<v1::ListModelsReply> ListModels();
  absl::StatusOr<v1::ListWorkersReply> ListWorkers();
  absl::Status DrainWorker(const std::string& name);
  absl::StatusOr<v1::AddDataReply> AddData(const v1::AddDataRequest& request);
  absl::StatusOr<v1::AddModelReply> AddModel(const v1::AddModelRequest& request);

  // Streams. Each ends early with Cancelled when the user interrupts.
  // OK once the sweep has ended.
  absl::Status WatchSweep(uint64_t id,
                          const std::function<void(const v1::SweepStatus&)>& on_status);
  // Stops with the status of `on_row` when that is not OK.
  absl::Status Export(const v1::ExportRequest& request,
                      const std::function<absl::Status(const v1::ExportRow&)>& on_row);
  // Sends the file and checks that what arrived has its digest. `on_progress` hears of the bytes
  // sent.
  absl::StatusOr<v1::PutArtifactReply> PutArtifact(
      const std::string& path, const std::string& file_name,
      const std::function<void(uint64_t sent, uint64_t total)>& on_progress);

 private:
  struct Connection;  // the gRPC stub
  const Address address_;
  Interrupt* const interrupt_;
  const std::unique_ptr<Connection> connection_;
};

}  // namespace entrobench::cli
