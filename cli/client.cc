#include "cli/client.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/digest.h"
#include "common/status_macros.h"
#include "entrobench/v1/entrobench.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace entrobench::cli {
namespace {

constexpr absl::Duration kUsualTimeout = absl::Seconds(60);
constexpr absl::Duration kInspectionTimeout =
    absl::Minutes(30);  // a worker fetches the file and reads it whole
constexpr size_t kUploadPiece = 1 << 20;
constexpr int kMostMessageBytes = 1 << 30;
constexpr int kMostErrorBytes =
    4 << 20;  // an error's text travels as metadata: a sweep may have many errors

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY,
                   0);  // a proxy for the web knows nothing of our coordinator
  arguments.SetMaxReceiveMessageSize(kMostMessageBytes);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMostErrorBytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // To gRPC also the time that an attempt to connect has: on a busy machine 100 ms are too few.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

std::string NoCoordinator(const Address& address) {
  return absl::StrCat("No coordinator is running at ", address.text,
                      address.origin.empty() ? "" : absl::StrCat(" (from ", address.origin, ")"),
                      ". Start one here with: entrobench up");
}

bool ContainsAny(absl::string_view text, std::initializer_list<absl::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [text](absl::string_view word) { return absl::StrContains(text, word); });
}

// A sentence for people instead of gRPC's words.
absl::Status ToStatus(const grpc::Status& status, const Address& address) {
  const std::string message = status.error_message();
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return absl::OkStatus();
    case grpc::StatusCode::UNAVAILABLE:
      if (ContainsAny(message,
                      {"failed to connect", "onnection refused", "DNS resolution", "resolve"})) {
        return absl::UnavailableError(NoCoordinator(address));
      }
      if (ContainsAny(message, {"ocket closed", "GOAWAY", "onnection reset", "roken pipe",
                                "ndpoint", "keepalive", "tream removed"})) {
        return absl::UnavailableError(
            absl::StrCat("The connection to the coordinator at ", address.text, " broke."));
      }
      return absl::UnavailableError(message.empty() ? NoCoordinator(address)
                                                    : message);  // the coordinator's own words
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::UnavailableError(
          absl::StrCat("The coordinator at ", address.text, " did not answer in time."));
    case grpc::StatusCode::UNIMPLEMENTED:
      return absl::FailedPreconditionError(absl::StrCat(
          "What answers at ", address.text,
          " does not know this request: it is an older coordinator, or another program."));
    case grpc::StatusCode::CANCELLED:
      return absl::CancelledError("Interrupted.");
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::DATA_LOSS:
      return absl::InternalError(
          absl::StrCat("The coordinator met an error of its own: ", message));
    default:
      return {static_cast<absl::StatusCode>(status.error_code()), message};
  }
}

// Closes the descriptor when it goes.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

struct Client::Connection {
  using Stub = v1::Entrobench::StubInterface;

  Connection(const Address& to, Interrupt* interruption)
      : address(to), interrupt(interruption), stub(v1::Entrobench::NewStub(MakeChannel(to.text))) {}

  template <class Request, class Reply>
  absl::StatusOr<Reply> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                          Reply*),
                             const Request& request, absl::Duration timeout = kUsualTimeout) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    Reply reply;
    EB_RETURN_IF_ERROR(ToStatus((stub.get()->*method)(&context, request, &reply), address));
    return reply;
  }

  const Address& address;
  Interrupt* const interrupt;
  const std::unique_ptr<Stub> stub;
};

Client::Client(Address address, Interrupt* interrupt)
    : address_(std::move(address)),
      interrupt_(interrupt),
      connection_(new Connection(address_, interrupt)) {}

Client::~Client() = default;

absl::StatusOr<v1::Server> Client::GetServer() {
  return connection_->Call(&Connection::Stub::GetServer, v1::GetServerRequest());
}
absl::StatusOr<v1::SubmitSweepReply> Client::SubmitSweep(const v1::SubmitSweepRequest& request) {
  return connection_->Call(&Connection::Stub::SubmitSweep, request);
}
absl::StatusOr<v1::ListSweepsReply> Client::ListSweeps() {
  return connection_->Call(&Connection::Stub::ListSweeps, v1::ListSweepsRequest());
}
absl::StatusOr<v1::GetSweepReply> Client::GetSweep(uint64_t id) {
  v1::GetSweepRequest request;
  request.set_id(id);
  return connection_->Call(&Connection::Stub::GetSweep, request);
}
absl::StatusOr<v1::SweepStatus> Client::CancelSweep(uint64_t id) {
  v1::SweepRef request;
  request.set_id(id);
  return connection_->Call(&Connection::Stub::CancelSweep, request);
}
absl::StatusOr<v1::SweepStatus> Client::RetrySweep(uint64_t id) {
  v1::SweepRef request;
  request.set_id(id);
  return connection_->Call(&Connection::Stub::RetrySweep, request);
}
absl::StatusOr<v1::Leaderboard> Client::GetLeaderboard(v1::LeaderboardRequest request) {
  request.set_wait_for_statistics(true);  // a person waits for good intervals
  return connection_->Call(&Connection::Stub::GetLeaderboard, request);
}
absl::StatusOr<v1::TrialDetail> Client::GetTrial(uint64_t id) {
  v1::GetTrialRequest request;
  request.set_id(id);
  return connection_->Call(&Connection::Stub::GetTrial, request);
}
absl::StatusOr<v1::ListSamplesReply> Client::ListSamples(const v1::ListSamplesRequest& request) {
  return connection_->Call(&Connection::Stub::ListSamples, request);
}
absl::StatusOr<v1::GetSampleReply> Client::GetSample(uint64_t trial_id, uint64_t sample_id) {
  v1::GetSampleRequest request;
  request.set_trial_id(trial_id);
  request.set_sample_id(sample_id);
  return connection_->Call(&Connection::Stub::GetSample, request);
}
absl::StatusOr<v1::Comparison> Client::Compare(const v1::CompareRequest& request) {
  return connection_->Call(&Connection::Stub::Compare, request);
}
absl::StatusOr<v1::Baseline> Client::SetBaseline(const v1::SetBaselineRequest& request) {
  return connection_->Call(&Connection::Stub::SetBaseline, request);
}
absl::StatusOr<v1::ListBaselinesReply> Client::ListBaselines() {
  return connection_->Call(&Connection::Stub::ListBaselines, v1::ListBaselinesRequest());
}
absl::Status Client::DeleteBaseline(const std::string& name) {
  v1::DeleteBaselineRequest request;
  request.set_name(name);
  return connection_->Call(&Connection::Stub::DeleteBaseline, request).status();
}
absl::StatusOr<v1::GateReport> Client::RunGate(const v1::GateRequest& request) {
  return connection_->Call(&Connection::Stub::RunGate, request);
}
absl::StatusOr<v1::ListGatesReply> Client::ListGates(const v1::ListGatesRequest& request) {
  return connection_->Call(&Connection::Stub::ListGates, request);
}
absl::StatusOr<v1::ListMethodsReply> Client::ListMethods() {
  return connection_->Call(&Connection::Stub::ListMethods, v1::ListMethodsRequest());
}
absl::StatusOr<v1::ListSuitesReply> Client::ListSuites() {
  return connection_->Call(&Connection::Stub::ListSuites, v1::ListSuitesRequest());
}
absl::StatusOr<v1::ListModelsReply> Client::ListModels() {
  return connection_->Call(&Connection::Stub::ListModels, v1::ListModelsRequest());
}
absl::StatusOr<v1::ListWorkersReply> Client::ListWorkers() {
  return connection_->Call(&Connection::Stub::ListWorkers, v1::ListWorkersRequest());
}
absl::Status Client::DrainWorker(const std::string& name) {
  v1::DrainWorkerRequest request;
  request.set_name(name);
  return connection_->Call(&Connection::Stub::DrainWorker, request).status();
}
absl::StatusOr<v1::AddDataReply> Client::AddData(const v1::AddDataRequest& request) {
  return connection_->Call(&Connection::Stub::AddData, request, kInspectionTimeout);
}
absl::StatusOr<v1::AddModelReply> Client::AddModel(const v1::AddModelRequest& request) {
  return connection_->Call(&Connection::Stub::AddModel, request, kInspectionTimeout);
}

absl::Status Client::WatchSweep(uint64_t id,
                                const std::function<void(const v1::SweepStatus&)>& on_status) {
  v1::GetSweepRequest request;
  request.set_id(id);
  grpc::ClientContext context;
  const Interrupt::Scope scope(interrupt_, [&context] { context.TryCancel(); });
  const auto reader = connection_->stub->WatchSweep(&context, request);
  v1::SweepStatus status;
  while (reader->Read(&status)) on_status(status);
  return ToStatus(reader->Finish(), address_);
}

absl::Status Client::Export(const v1::ExportRequest& request,
                            const std::function<absl::Status(const v1::ExportRow&)>& on_row) {
  grpc::ClientContext context;
  const Interrupt::Scope scope(interrupt_, [&context] { context.TryCancel(); });
  const auto reader = connection_->stub->Export(&context, request);
  v1::ExportRow row;
  absl::Status accepted;
  while (accepted.ok() && reader->Read(&row)) accepted = on_row(row);
  if (!accepted.ok()) context.TryCancel();
  const absl::Status finished = ToStatus(reader->Finish(), address_);
  return accepted.ok() ? finished : accepted;
}

absl::StatusOr<v1::PutArtifactReply> Client::PutArtifact(
    const std::string& path, const std::string& file_name,
    const std::function<void(uint64_t sent, uint64_t total)>& on_progress) {
  const OpenFile file(path);
  struct stat info {};
  if (file.fd() < 0 || fstat(file.fd(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  if (!S_ISREG(info.st_mode))
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a file"));
  const uint64_t total = static_cast<uint64_t>(info.st_size);

  grpc::ClientContext context;
  const Interrupt::Scope scope(interrupt_, [&context] { context.TryCancel(); });
  v1::PutArtifactReply reply;
  const auto writer = connection_->stub->PutArtifact(&context, &reply);
  v1::PutArtifactRequest piece;
  piece.set_file_name(file_name);
  piece.set_total_bytes(total);
  Sha256 digest;
  uint64_t sent = 0;
  std::string buffer(kUploadPiece, '\0');
  for (;;) {
    const ssize_t n = read(file.fd(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const absl::Status error = absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
      context.TryCancel();
      writer->Finish().ok();
      return error;
    }
    if (n == 0 && sent > 0) break;
    const absl::string_view bytes(buffer.data(), static_cast<size_t>(n));
    digest.Update(bytes);
    piece.set_data(bytes.data(), bytes.size());
    if (!writer->Write(piece)) break;  // Finish says why
    sent += static_cast<uint64_t>(n);
    on_progress(sent, total);
    piece.Clear();
    if (n == 0) break;  // an empty file: its header went all the same
  }
  writer->WritesDone();
  EB_RETURN_IF_ERROR(ToStatus(writer->Finish(), address_));
  if (reply.digest() != digest.Hex()) {
    return absl::DataLossError(
        absl::StrCat("the coordinator stored other bytes than were sent of ", path, "; try again"));
  }
  return reply;
}

}  // namespace entrobench::cli
