#include "tests/cli/fake_coordinator.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/cli.h"
#include "common/digest.h"

namespace entrobench::cli {

using grpc::Status;

FakeCoordinator::FakeCoordinator() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(this);
  grpc_server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeCoordinator::~FakeCoordinator() {
  grpc_server_->Shutdown(std::chrono::system_clock::now());
  grpc_server_->Wait();
}

Status FakeCoordinator::GetServer(Context*, const v1::GetServerRequest*, v1::Server* reply) {
  if (on_get_server) on_get_server();
  *reply = server;
  return failure;
}
Status FakeCoordinator::SubmitSweep(Context*, const v1::SubmitSweepRequest* request,
                                    v1::SubmitSweepReply* reply) {
  submitted = *request;
  if (on_submit) on_submit(*request);
  *reply = submit_reply;
  return failure.ok() ? submit_status : failure;
}
Status FakeCoordinator::ListSweeps(Context*, const v1::ListSweepsRequest*,
                                   v1::ListSweepsReply* reply) {
  *reply = sweeps;
  return failure;
}
Status FakeCoordinator::GetSweep(Context*, const v1::GetSweepRequest* request,
                                 v1::GetSweepReply* reply) {
  if (!failure.ok()) return failure;
  const auto found = sweep.find(request->id());
  if (found == sweep.end())
    return {grpc::StatusCode::NOT_FOUND, absl::StrCat("no sweep ", request->id())};
  *reply = found->second;
  return Status::OK;
}
Status FakeCoordinator::WatchSweep(Context* context, const v1::GetSweepRequest*,
                                   grpc::ServerWriter<v1::SweepStatus>* writer) {
  if (!failure.ok()) return failure;
  const Watch& watch = watches[std::min(watch_calls, watches.size() - 1)];
  ++watch_calls;
  bool first = true;
  for (const v1::SweepStatus& status : watch.statuses) {
    writer->Write(status);
    if (first && after_first_status) after_first_status();
    first = false;
  }
  while (watch.stay_open && !context->IsCancelled()) std::this_thread::yield();
  return watch.end;
}
Status FakeCoordinator::CancelSweep(Context*, const v1::SweepRef* request, v1::SweepStatus* reply) {
  cancelled = request->id();
  *reply = cancel_reply;
  return failure;
}
Status FakeCoordinator::RetrySweep(Context*, const v1::SweepRef*, v1::SweepStatus* reply) {
  *reply = retry_reply;
  return failure;
}
Status FakeCoordinator::Compare(Context*, const v1::CompareRequest* request,
                                v1::Comparison* reply) {
  compared = *request;
  *reply = comparison;
  return failure.ok() ? compare_status : failure;
}
Status FakeCoordinator::SetBaseline(Context*, const v1::SetBaselineRequest* request,
                                    v1::Baseline* reply) {
  baselines_set.push_back(*request);
  reply->set_name(request->name());
  reply->set_sweep_id(request->sweep_id());
  reply->set_trial_id(request->trial_id());
  return failure;
}
Status FakeCoordinator::ListBaselines(Context*, const v1::ListBaselinesRequest*,
                                      v1::ListBaselinesReply* reply) {
  for (const v1::Baseline& baseline : baselines) *reply->add_baselines() = baseline;
  return failure;
}
Status FakeCoordinator::DeleteBaseline(Context*, const v1::DeleteBaselineRequest* request,
                                       v1::DeleteBaselineReply*) {
  baseline_deleted = request->name();
  return failure;
}
Status FakeCoordinator::RunGate(Context*, const v1::GateRequest* request, v1::GateReport* reply) {
  if (!failure.ok()) return failure;
  if (!gate_status.ok()) return gate_status;
  *reply = gate_reports[std::min(gates_run.size(), gate_reports.size() - 1)];
  gates_run.push_back(*request);
  return Status::OK;
}
Status FakeCoordinator::GetLeaderboard(Context*, const v1::LeaderboardRequest* request,
                                       v1::Leaderboard* reply) {
  leaderboard_request = *request;
  const auto found = leaderboards.find(request->suite());
  if (found == leaderboards.end()) return {grpc::StatusCode::NOT_FOUND, "no suite is called that"};
  *reply = found->second;
  return failure;
}
Status FakeCoordinator::GetTrial(Context*, const v1::GetTrialRequest* request,
                                 v1::TrialDetail* reply) {
  const auto found = trial_details.find(request->id());
  if (found == trial_details.end()) return {grpc::StatusCode::NOT_FOUND, "no such trial"};
  *reply = found->second;
  return failure;
}
Status FakeCoordinator::ListSamples(Context*, const v1::ListSamplesRequest* request,
                                    v1::ListSamplesReply* reply) {
  list_samples_requests.push_back(*request);
  *reply->mutable_trial() = trial;
  const int limit = request->limit() == 0 ? 100 : static_cast<int>(request->limit());
  for (const v1::SampleResult& result : samples) {
    if (reply->samples_size() == limit) break;
    if (request->paged() && result.sample_id() <= request->after()) continue;
    if (request->wrong_only() && result.score() >= 1) continue;
    *reply->add_samples() = result;
  }
  return failure;
}
Status FakeCoordinator::GetSample(Context*, const v1::GetSampleRequest* request,
                                  v1::GetSampleReply* reply) {
  const auto found = sample.find(request->sample_id());
  if (found == sample.end()) return {grpc::StatusCode::NOT_FOUND, "no sample 9 in trial 345"};
  *reply = found->second;
  return failure;
}
Status FakeCoordinator::Export(Context*, const v1::ExportRequest* request,
                               grpc::ServerWriter<v1::ExportRow>* writer) {
  export_request = *request;
  for (const v1::ExportRow& row : export_rows) writer->Write(row);
  return failure;
}
Status FakeCoordinator::ListMethods(Context*, const v1::ListMethodsRequest*,
                                    v1::ListMethodsReply* reply) {
  *reply = methods;
  return failure;
}
Status FakeCoordinator::ListSuites(Context*, const v1::ListSuitesRequest*,
                                   v1::ListSuitesReply* reply) {
  *reply = suites;
  return failure;
}
Status FakeCoordinator::ListModels(Context*, const v1::ListModelsRequest*,
                                   v1::ListModelsReply* reply) {
  *reply = models;
  return failure;
}
Status FakeCoordinator::ListWorkers(Context*, const v1::ListWorkersRequest*,
                                    v1::ListWorkersReply* reply) {
  *reply = workers;
  return failure;
}
Status FakeCoordinator::DrainWorker(Context*, const v1::DrainWorkerRequest* request,
                                    v1::DrainWorkerReply*) {
  drained = *request;
  return failure;
}
Status FakeCoordinator::PutArtifact(Context*, grpc::ServerReader<v1::PutArtifactRequest>* reader,
                                    v1::PutArtifactReply* reply) {
  v1::PutArtifactRequest piece;
  uploaded.clear();
  upload_pieces = 0;
  while (reader->Read(&piece)) {
    if (upload_pieces == 0) uploaded_name = piece.file_name();
    ++upload_pieces;
    uploaded += piece.data();
  }
  reply->set_digest(wrong_digest.empty() ? Sha256Hex(uploaded) : wrong_digest);
  reply->set_size_bytes(uploaded.size());
  return failure;
}
Status FakeCoordinator::AddData(Context*, const v1::AddDataRequest* request,
                                v1::AddDataReply* reply) {
  added_data = *request;
  *reply = add_data_reply;
  return add_data_status;
}
Status FakeCoordinator::AddModel(Context*, const v1::AddModelRequest* request,
                                 v1::AddModelReply* reply) {
  added_model = *request;
  *reply->mutable_model() = request->model();
  return failure;
}

namespace {

// Lets a test see what has been printed so far at every flush.
class WatchedBuffer : public std::stringbuf {
 public:
  explicit WatchedBuffer(std::function<void(const std::string&)> on_flush)
      : on_flush_(std::move(on_flush)) {}

 protected:
  int sync() override {
    if (on_flush_) on_flush_(str());
    return 0;
  }

 private:
  const std::function<void(const std::string&)> on_flush_;
};

}  // namespace

CliTest::CliTest() {
  char folder[] = "/tmp/entrobench-cli-test-XXXXXX";
  folder_ = mkdtemp(folder);
  environment_ = {{"HOME", folder_}, {"ENTROBENCH_ADDRESS", fake_.address()}};
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, "2026-01-02T03:04:05Z", &now_, &error)) << error;
}

CliTest::~CliTest() { std::filesystem::remove_all(folder_); }

CliTest::Result CliTest::Run(const std::string& arguments) {
  return Run(std::vector<std::string>(absl::StrSplit(arguments, ' ', absl::SkipEmpty())));
}

CliTest::Result CliTest::Run(const std::vector<std::string>& arguments) {
  WatchedBuffer printed(on_flush_);
  std::ostream out(&printed);
  std::ostringstream err;
  std::istringstream in(input_);
  cli::Context context{
      .out = out,
      .err = err,
      .in = in,
      .out_terminal = out_terminal_,
      .err_terminal = err_terminal_,
      .environment =
          [this](const std::string& name) {
            const auto found = environment_.find(name);
            return found == environment_.end() ? std::string() : found->second;
          },
      .now = [this] { return now_; },
      .wait =
          [this](absl::Duration duration) {
            waits_.push_back(duration);
            return interrupt_->fired() > 0;
          },
      .interrupt = *interrupt_,
      .binaries = binaries_,
      .address = "",
      .data_dir = "",
  };
  Result result;
  result.code = RunCli(arguments, context);
  result.out = printed.str();
  result.err = err.str();
  return result;
}

std::string CliTest::Write(const std::string& name, const std::string& contents) const {
  std::ofstream(Path(name), std::ios::binary) << contents;
  return Path(name);
}

std::string CliTest::Read(const std::string& name) const {
  std::ifstream file(Path(name), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace entrobench::cli
