// The coordinator over real gRPC and a real disk, with a worker that does no work: how many jobs a
// second it leases and completes, how many sample results a second it makes durable, and what it
// holds in memory.
//
//   entrobench-service-bench --trials 20000                   jobs of one sample: leases and
//   completions per second entrobench-service-bench --trials 200 --samples 5000      jobs of 50
//   samples: durable sample results per second entrobench-service-bench --trials 1000 --samples
//   50000 --submit-only      what a million waiting jobs hold in memory
//
// Prints one JSON object. The disk and the machine decide absolute numbers; compare runs on one
// machine.

#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "common/logging.h"
#include "common/mutex.h"
#include "common/value.h"
#include "coordinator/server.h"
#include "entrobench/v1/entrobench.grpc.pb.h"
#include "entrobench/v1/worker.grpc.pb.h"

namespace entrobench {
namespace {

// A worker with one method and one suite of its own, which answers every attempt at once with all
// its samples.
class IdleWorker {
 public:
  IdleWorker(const std::string& address, uint64_t suite_samples, uint32_t cores,
             size_t payload_bytes)
      : stub_(v1::WorkerService::NewStub(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))),
        payload_(payload_bytes, 'x') {
    stream_ = stub_->Connect(&context_);
    v1::WorkerMessage message;
    v1::Hello* hello = message.mutable_hello();
    hello->set_worker_id("bench");
    hello->set_name("bench");
    hello->mutable_inventory()->set_cores(cores);
    hello->mutable_inventory()->set_memory_bytes(uint64_t{1} << 40);
    v1::MethodInfo* method = hello->mutable_catalog()->add_methods();
    method->set_id("nothing");
    method->set_version("1");
    method->set_family("bench");
    v1::SuiteInfo* suite = hello->mutable_catalog()->add_suites();
    suite->set_id("empty");
    suite->set_version("1");
    suite->set_family("bench");
    suite->set_samples(suite_samples);
    suite->set_digest(std::string(64, 'e'));
    suite->set_primary_metric("accuracy");
    stream_->Write(message);
    reader_ = std::thread([this] { Loop(); });
  }
  ~IdleWorker() {
    context_.TryCancel();
    reader_.join();
  }

 private:
  void Loop() {
    v1::CoordinatorMessage message;
    while (stream_->Read(&message)) {
      if (!message.has_start()) continue;
      const v1::StartAttempt& start = message.start();
      v1::WorkerMessage answer;
      v1::ResultBatch* batch = answer.mutable_batch();
      *batch->mutable_attempt() = start.attempt();
      batch->set_sequence(1);
      for (uint64_t id = start.begin(); id < start.end(); ++id) {
        v1::SampleResult* sample = batch->add_samples();
        sample->set_sample_id(id);
        sample->set_score(static_cast<double>(id % 2));
        sample->set_answer("42");
        sample->set_mean_entropy(0.5);
        sample->set_generated_tokens(100);
        if (!payload_.empty()) sample->mutable_payload()->set_question(payload_);
      }
      batch->mutable_end()->set_outcome(v1::AttemptEnd::OUTCOME_DONE);
      stream_->Write(answer);
    }
  }

  std::unique_ptr<v1::WorkerService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::WorkerMessage, v1::CoordinatorMessage>> stream_;
  const std::string payload_;
  std::thread reader_;
};

uint64_t ResidentBytes() {
  const auto statm = ReadFile("/proc/self/statm");
  uint64_t size = 0, resident = 0;
  if (statm.ok()) std::sscanf(statm->c_str(), "%lu %lu", &size, &resident);
  return resident * 4096;
}

int Main(int argc, char** argv) {
  CLI::App app("Leases, completions and durable samples per second through the whole coordinator.");
  uint64_t trials = 5000, samples = 1, payload = 0;
  uint32_t cores = 256;
  bool submit_only = false;
  std::string folder =
      (std::filesystem::temp_directory_path() / "entrobench-service-bench").string();
  app.add_option("--trials", trials, "Trials (seeds)")->capture_default_str();
  app.add_option("--samples", samples, "Samples of each trial; 50 make a job")
      ->capture_default_str();
  app.add_option("--payload", payload, "Bytes of text with each sample")->capture_default_str();
  app.add_option("--in-flight", cores, "Jobs leased at once")->capture_default_str();
  app.add_flag("--submit-only", submit_only,
               "Only submit, with no worker there, and say what the waiting jobs hold in memory");
  app.add_option("--dir", folder, "Where the database goes; emptied first")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  SetUpLogging("service-bench", LogLevel::WARNING);

  std::filesystem::remove_all(folder);
  ServerOptions options;
  options.data_dir = folder;
  options.listen = "127.0.0.1:0";
  auto server = Server::Start(options);
  if (!server.ok()) {
    std::cerr << server.status() << "\n";
    return 1;
  }
  auto worker = std::make_unique<IdleWorker>((*server)->address(), samples, cores, payload);
  const auto channel =
      grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials());
  const auto stub = v1::Entrobench::NewStub(channel);

  std::string yaml = "name: bench\nsuite: empty\nmethods: [nothing]\nseeds: [";
  for (uint64_t seed = 1; seed <= trials; ++seed) absl::StrAppend(&yaml, seed > 1 ? "," : "", seed);
  yaml += "]\n";
  v1::SubmitSweepReply reply;
  for (bool known = false;;) {  // until the worker's catalogue is there
    grpc::ClientContext context;
    v1::SubmitSweepRequest request;
    request.set_yaml(yaml);
    request.set_file_name("bench.yaml");
    request.set_dry_run(submit_only && !known);
    const absl::Time begin = absl::Now();
    const grpc::Status status = stub->SubmitSweep(&context, request, &reply);
    if (status.ok() && request.dry_run()) {
      known = true;
      worker.reset();  // nobody runs what comes now
      continue;
    }
    if (status.ok()) {
      std::fprintf(stderr, "submitted %lu jobs in %.1f s\n", reply.sweep().jobs(),
                   absl::ToDoubleSeconds(absl::Now() - begin));
      break;
    }
    if (status.error_code() != grpc::StatusCode::FAILED_PRECONDITION) {
      std::cerr << status.error_message() << "\n";
      return 1;
    }
    absl::SleepFor(absl::Milliseconds(50));
  }
  if (submit_only) {
    std::printf("{\"jobs\": %lu, \"samples\": %lu, \"resident_mb\": %.0f}\n", reply.sweep().jobs(),
                reply.sweep().samples(), static_cast<double>(ResidentBytes()) / 1e6);
    return 0;
  }
  const absl::Time begin = absl::Now();
  grpc::ClientContext context;
  v1::GetSweepRequest request;
  request.set_id(reply.sweep().id());
  const auto watch = stub->WatchSweep(&context, request);
  v1::SweepStatus status;
  while (watch->Read(&status)) {
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  std::printf(
      "{\"jobs\": %lu, \"samples\": %lu, \"seconds\": %.3f, \"jobs_per_second\": %.0f, "
      "\"samples_per_second\": %.0f, "
      "\"resident_mb\": %.0f, \"state\": \"%s\"}\n",
      status.jobs_done(), status.samples_done(), seconds,
      static_cast<double>(status.jobs_done()) / seconds,
      static_cast<double>(status.samples_done()) / seconds,
      static_cast<double>(ResidentBytes()) / 1e6, v1::State_Name(status.state()).c_str());
  return status.state() == v1::STATE_DONE ? 0 : 1;
}

}  // namespace
}  // namespace entrobench

int main(int argc, char** argv) { return entrobench::Main(argc, argv); }
