#include "tests/e2e/cluster.h"

#include <dirent.h>
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/file.h"

namespace entrobench {
namespace {

std::string BinDir() {
  const char* dir = std::getenv("ENTROBENCH_BIN_DIR");
  return dir != nullptr ? dir : ExecutableDirectory() + "/../bin";
}

std::string SourceDir() {
  const char* dir = std::getenv("ENTROBENCH_SOURCE_DIR");
  return dir != nullptr ? dir : ".";
}

pid_t Spawn(const std::vector<std::string>& command, int out, int err) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  return pid;
}

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// From /proc/PID/stat: "PID (name) state ppid ...", where the name may hold anything. State 0: no
// such process.
std::pair<char, pid_t> StateAndParent(pid_t pid) {
  const std::string stat = Contents(absl::StrCat("/proc/", pid, "/stat"));
  const size_t close = stat.rfind(')');
  char state = 0;
  pid_t parent = 0;
  if (close == std::string::npos ||
      std::sscanf(stat.c_str() + close + 1, " %c %d", &state, &parent) != 2)
    return {0, 0};
  return {state, parent};
}

}  // namespace

bool WaitFor(const std::function<bool()>& condition, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(20));  // real processes: nothing to inject time into
  }
  return true;
}

Process::Process(const std::vector<std::string>& command, const std::string& log) {
  const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  pid_ = Spawn(command, fd, fd);
  close(fd);
}
Process::~Process() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}
Process::Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}
void Process::Kill(int signal) {
  if (pid_ > 0) kill(pid_, signal);
}
int Process::Wait() {
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Cluster::Cluster(Options options) : options_(options) {
  char name[] = "/tmp/entrobench-e2e-XXXXXX";
  folder_ = mkdtemp(name);
  StartCoordinator();
}

Cluster::~Cluster() {
  workers_.clear();
  coordinator_ = Process();
  if (testing::Test::HasFailure()) {
    std::fprintf(stderr, "the cluster's folder is kept: %s\n", folder_.c_str());
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().extension() != ".log") continue;
      std::fprintf(stderr, "--- %s\n%s", entry.path().c_str(), Contents(entry.path()).c_str());
    }
  } else {
    std::filesystem::remove_all(folder_);
  }
}

void Cluster::StartCoordinator() {
  const std::string log = absl::StrCat(folder_, "/coordinator-", ++logs_, ".log");
  coordinator_ = Process({BinDir() + "/entrobench-coordinator", "--data-dir", folder_ + "/data",
                          "--listen", address_, "--models-dir", SourceDir() + "/models",
                          "--lease-seconds", absl::StrCat(options_.lease_seconds),
                          "--heartbeat-seconds", absl::StrCat(options_.heartbeat_seconds)},
                         log);
  const bool ready = WaitFor(
      [&] {
        std::istringstream text(Contents(log));
        for (std::string line; std::getline(text, line);) {
          absl::string_view rest = line;
          if (absl::ConsumePrefix(&rest, "READY ")) address_ = std::string(rest);
          if (rest.size() != line.size()) return true;
        }
        return false;
      },
      absl::Seconds(30));
  ASSERT_TRUE(ready) << "the coordinator did not come up: " << Contents(log);
  stub_ =
      v1::Entrobench::NewStub(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
}

void Cluster::KillCoordinator() {
  coordinator_.Kill(SIGKILL);
  coordinator_.Wait();
}

void Cluster::StartWorker(int n, const std::vector<std::string>& extra_flags) {
  const std::string name = absl::StrCat("worker-", n);
  std::vector<std::string> command = {BinDir() + "/entrobench-worker",
                                      "--coordinator",
                                      address_,
                                      "--dir",
                                      absl::StrCat(folder_, "/", name),
                                      "--name",
                                      name,
                                      "--cores",
                                      "1"};
  command.insert(command.end(), extra_flags.begin(), extra_flags.end());
  workers_[n] = Process(command, absl::StrCat(folder_, "/", name, "-", ++logs_, ".log"));
}

void Cluster::KillWorker(int n) {
  workers_.at(n).Kill(SIGKILL);
  workers_.at(n).Wait();
}

void Cluster::WaitForWorkers(uint64_t count) {
  const bool there = WaitFor(
      [&] {
        grpc::ClientContext context;
        v1::Server server;
        return stub_->GetServer(&context, v1::GetServerRequest(), &server).ok() &&
               server.workers() == count;
      },
      absl::Seconds(30));
  ASSERT_TRUE(there) << count << " workers did not connect";
}

std::vector<pid_t> Cluster::Evaluators() const {
  std::set<pid_t> parents;
  for (const auto& [n, worker] : workers_) parents.insert(worker.pid());
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    const auto [state, parent] = StateAndParent(pid);
    if (parents.count(parent) > 0 && state != 'Z') found.push_back(pid);
  }
  return found;
}

bool Cluster::IsAlive(pid_t pid) {
  const char state = StateAndParent(pid).first;
  return state != 0 && state != 'Z' && state != 'X';
}

uint64_t Cluster::Submit(const std::string& yaml, bool fresh) {
  grpc::ClientContext context;
  v1::SubmitSweepRequest request;
  request.set_yaml(yaml);
  request.set_file_name("test.yaml");
  request.set_fresh(fresh);
  v1::SubmitSweepReply reply;
  const grpc::Status status = stub_->SubmitSweep(&context, request, &reply);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return reply.sweep().id();
}

v1::GetSweepReply Cluster::Sweep(uint64_t sweep) {
  grpc::ClientContext context;
  v1::GetSweepRequest request;
  request.set_id(sweep);
  v1::GetSweepReply reply;
  stub_->GetSweep(&context, request, &reply);
  return reply;
}

v1::SweepStatus Cluster::Status(uint64_t sweep) { return Sweep(sweep).status(); }

v1::SweepStatus Cluster::WaitUntil(uint64_t sweep,
                                   const std::function<bool(const v1::SweepStatus&)>& condition,
                                   absl::Duration timeout) {
  v1::SweepStatus status;
  const bool held = WaitFor(
      [&] {
        status = Status(sweep);
        return condition(status);
      },
      timeout);
  EXPECT_TRUE(held) << "the sweep did not get there: " << status.DebugString()
                    << Sweep(sweep).DebugString().substr(0, 3000);
  return status;
}

v1::SweepStatus Cluster::WaitForEnd(uint64_t sweep, absl::Duration timeout) {
  return WaitUntil(
      sweep,
      [](const v1::SweepStatus& status) {
        return status.id() != 0 && status.state() != v1::STATE_RUNNING;
      },
      timeout);
}

std::vector<v1::ExportRow> Cluster::Export(uint64_t sweep, bool with_payload) {
  grpc::ClientContext context;
  v1::ExportRequest request;
  request.set_sweep_id(sweep);
  request.set_with_payload(with_payload);
  const auto reader = stub_->Export(&context, request);
  std::vector<v1::ExportRow> rows;
  v1::ExportRow row;
  while (reader->Read(&row)) rows.push_back(row);
  const grpc::Status status = reader->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  return rows;
}

CommandResult Cluster::Cli(const std::vector<std::string>& args) {
  const std::string out = absl::StrCat(folder_, "/cli.out"),
                    err = absl::StrCat(folder_, "/cli.err");
  const int out_fd = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const int err_fd = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  std::vector<std::string> command = {BinDir() + "/entrobench"};
  command.insert(command.end(), args.begin(), args.end());
  setenv("ENTROBENCH_ADDRESS", address_.c_str(), 1);
  const pid_t pid = Spawn(command, out_fd, err_fd);
  close(out_fd);
  close(err_fd);
  int status = 0;
  waitpid(pid, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), Contents(out),
          Contents(err)};
}

std::string Cluster::WriteFile(const std::string& name, const std::string& contents) {
  const std::string path = absl::StrCat(folder_, "/", name);
  std::ofstream(path) << contents;
  return path;
}

void ExpectComplete(Cluster& cluster, uint64_t sweep) {
  const v1::GetSweepReply reply = cluster.Sweep(sweep);
  EXPECT_EQ(reply.status().state(), v1::STATE_DONE) << reply.status().DebugString();
  std::map<uint64_t, std::map<uint64_t, int>> counts;  // trial -> sample -> rows
  std::map<uint64_t, double> scores;
  for (const v1::ExportRow& row : cluster.Export(sweep)) {
    ++counts[row.trial().id()][row.sample().sample_id()];
    scores[row.trial().id()] += row.sample().score();
    EXPECT_EQ(row.sample().error(), "");
  }
  for (const v1::TrialStatus& trial : reply.trials()) {
    const auto& samples = counts[trial.trial().id()];
    EXPECT_EQ(samples.size(), trial.trial().samples()) << "trial " << trial.trial().id();
    for (uint64_t id = 0; id < trial.trial().samples(); ++id) {
      EXPECT_TRUE(samples.count(id) == 1 && samples.at(id) == 1)
          << "trial " << trial.trial().id() << " sample " << id;
    }
    EXPECT_EQ(trial.totals().samples(), trial.trial().samples());
    EXPECT_NEAR(trial.totals().score_sum(), scores[trial.trial().id()], 1e-6);  // another order
  }
}

}  // namespace entrobench
