// A coordinator that says what a test tells it to, behind real gRPC on loopback; and the CLI called
// as a function.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/context.h"
#include "entrobench/v1/entrobench.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

namespace entrobench::cli {

// Fields are set before a call and read after it.
class FakeCoordinator final : public v1::Entrobench::Service {
 public:
  FakeCoordinator();
  ~FakeCoordinator() override;

  const std::string& address() const { return address_; }

  // What it answers. `failure`, when set, answers every call.
  grpc::Status failure = grpc::Status::OK;
  v1::Server server;
  v1::SubmitSweepReply submit_reply;
  grpc::Status submit_status = grpc::Status::OK;
  v1::ListSweepsReply sweeps;
  std::map<uint64_t, v1::GetSweepReply> sweep;
  // One inner list for each WatchSweep call; the last one again for later calls.
  struct Watch {
    std::vector<v1::SweepStatus> statuses;
    grpc::Status end = grpc::Status::OK;
    bool stay_open = false;  // until the caller goes away
  };
  std::vector<Watch> watches;
  v1::SweepStatus cancel_reply, retry_reply;
  std::map<std::string, v1::Leaderboard> leaderboards;
  v1::TrialStatus trial;
  std::map<uint64_t, v1::TrialDetail> trial_details;
  std::vector<v1::SampleResult> samples;
  std::map<uint64_t, v1::GetSampleReply> sample;
  std::vector<v1::ExportRow> export_rows;
  v1::ListMethodsReply methods;
  v1::ListSuitesReply suites;
  v1::ListModelsReply models;
  v1::ListWorkersReply workers;
  grpc::Status add_data_status = grpc::Status::OK;
  v1::AddDataReply add_data_reply;
  v1::Comparison comparison;
  grpc::Status compare_status = grpc::Status::OK;
  std::vector<v1::Baseline> baselines;
  // One for each RunGate call; the last one again for later calls.
  std::vector<v1::GateReport> gate_reports;
  grpc::Status gate_status = grpc::Status::OK;
  std::string wrong_digest;  // answered instead of the upload's digest, when set

  // Runs in WatchSweep after the first status of a watch was sent; in GetServer.
  std::function<void()> after_first_status;
  std::function<void()> on_get_server;
  // Runs in SubmitSweep before the answer, which it may change.
  std::function<void(const v1::SubmitSweepRequest&)> on_submit;

  // What it heard.
  v1::SubmitSweepRequest submitted;
  v1::LeaderboardRequest leaderboard_request;
  std::vector<v1::ListSamplesRequest> list_samples_requests;
  v1::ExportRequest export_request;
  v1::DrainWorkerRequest drained;
  v1::AddDataRequest added_data;
  v1::AddModelRequest added_model;
  uint64_t cancelled = 0;
  v1::CompareRequest compared;
  std::vector<v1::SetBaselineRequest> baselines_set;
  std::string baseline_deleted;
  std::vector<v1::GateRequest> gates_run;
  std::string uploaded;  // bytes of the last upload
  std::string uploaded_name;
  size_t upload_pieces = 0;
  size_t watch_calls = 0;

 private:
  using Context = grpc::ServerContext;
  grpc::Status GetServer(Context*, const v1::GetServerRequest*, v1::Server* reply) override;
  grpc::Status SubmitSweep(Context*, const v1::SubmitSweepRequest*,
                           v1::SubmitSweepReply* reply) override;
  grpc::Status ListSweeps(Context*, const v1::ListSweepsRequest*,
                          v1::ListSweepsReply* reply) override;
  grpc::Status GetSweep(Context*, const v1::GetSweepRequest*, v1::GetSweepReply* reply) override;
  grpc::Status WatchSweep(Context*, const v1::GetSweepRequest*,
                          grpc::ServerWriter<v1::SweepStatus>*) override;
  grpc::Status CancelSweep(Context*, const v1::SweepRef*, v1::SweepStatus* reply) override;
  grpc::Status RetrySweep(Context*, const v1::SweepRef*, v1::SweepStatus* reply) override;
  grpc::Status GetLeaderboard(Context*, const v1::LeaderboardRequest*,
                              v1::Leaderboard* reply) override;
  grpc::Status GetTrial(Context*, const v1::GetTrialRequest*, v1::TrialDetail* reply) override;
  grpc::Status ListSamples(Context*, const v1::ListSamplesRequest*,
                           v1::ListSamplesReply* reply) override;
  grpc::Status GetSample(Context*, const v1::GetSampleRequest*, v1::GetSampleReply* reply) override;
  grpc::Status Export(Context*, const v1::ExportRequest*,
                      grpc::ServerWriter<v1::ExportRow>*) override;
  grpc::Status Compare(Context*, const v1::CompareRequest*, v1::Comparison* reply) override;
  grpc::Status SetBaseline(Context*, const v1::SetBaselineRequest*, v1::Baseline* reply) override;
  grpc::Status ListBaselines(Context*, const v1::ListBaselinesRequest*,
                             v1::ListBaselinesReply* reply) override;
  grpc::Status DeleteBaseline(Context*, const v1::DeleteBaselineRequest*,
                              v1::DeleteBaselineReply*) override;
  grpc::Status RunGate(Context*, const v1::GateRequest*, v1::GateReport* reply) override;
  grpc::Status ListMethods(Context*, const v1::ListMethodsRequest*,
                           v1::ListMethodsReply* reply) override;
  grpc::Status ListSuites(Context*, const v1::ListSuitesRequest*,
                          v1::ListSuitesReply* reply) override;
  grpc::Status ListModels(Context*, const v1::ListModelsRequest*,
                          v1::ListModelsReply* reply) override;
  grpc::Status ListWorkers(Context*, const v1::ListWorkersRequest*,
                           v1::ListWorkersReply* reply) override;
  grpc::Status DrainWorker(Context*, const v1::DrainWorkerRequest*, v1::DrainWorkerReply*) override;
  grpc::Status PutArtifact(Context*, grpc::ServerReader<v1::PutArtifactRequest>*,
                           v1::PutArtifactReply* reply) override;
  grpc::Status AddData(Context*, const v1::AddDataRequest*, v1::AddDataReply* reply) override;
  grpc::Status AddModel(Context*, const v1::AddModelRequest*, v1::AddModelReply* reply) override;

  std::unique_ptr<grpc::Server> grpc_server_;
  std::string address_;
};

// Calls the CLI against the fake. Time stands at 2026-01-02T03:04:05Z unless a test moves it;
// waiting takes none.
class CliTest : public testing::Test {
 protected:
  CliTest();
  ~CliTest() override;

  struct Result {
    int code = 0;
    std::string out;
    std::string err;
  };
  // `arguments` separated by blanks, or as a list.
  Result Run(const std::string& arguments);
  Result Run(const std::vector<std::string>& arguments);

  // A file in the test's own folder.
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& contents) const;
  std::string Read(const std::string& name) const;

  FakeCoordinator fake_;
  std::map<std::string, std::string> environment_;
  Terminal out_terminal_;
  Terminal err_terminal_;
  std::string input_;
  absl::Time now_;
  std::vector<absl::Duration> waits_;  // what `context.wait` was asked for
  std::unique_ptr<Interrupt> interrupt_ = std::make_unique<Interrupt>();
  std::string binaries_ = "/nowhere";
  // Runs at every flush of the output, with all of it so far.
  std::function<void(const std::string&)> on_flush_;

 private:
  std::string folder_;
};

}  // namespace entrobench::cli
