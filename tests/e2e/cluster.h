// Real processes for end-to-end tests: a coordinator and workers from build/bin in a folder of the
// test's own, on free loopback ports. Everything started dies with the test.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "entrobench/v1/entrobench.grpc.pb.h"

namespace entrobench {

// One child process; killed with SIGKILL when this goes.
class Process {
 public:
  Process() = default;
  // Output goes to `log`. Aborts the test when the program is not there.
  Process(const std::vector<std::string>& command, const std::string& log);
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  pid_t pid() const { return pid_; }
  void Kill(int signal);
  int Wait();  // exit status as a shell gives it: 128 + n for signal n

 private:
  pid_t pid_ = -1;
};

struct CommandResult {
  int exit_code = 0;
  std::string out;
  std::string err;
};

class Cluster {
 public:
  struct Options {
    double lease_seconds = 5;
    double heartbeat_seconds = 0.3;
  };
  Cluster() : Cluster(Options{}) {}
  explicit Cluster(Options options);
  ~Cluster();

  // Starts (again) the coordinator on this cluster's data folder, at the address it had before.
  void StartCoordinator();
  void KillCoordinator();  // SIGKILL

  // Worker n; its folder stays the same over restarts. Returns once the process runs, not when it
  // is connected.
  void StartWorker(int n, const std::vector<std::string>& extra_flags = {});
  void KillWorker(int n);
  void WaitForWorkers(uint64_t count);  // connected ones

  // Process ids of the evaluator children of all workers.
  std::vector<pid_t> Evaluators() const;
  // False for a process that has ended, also while nobody has asked for its status yet.
  static bool IsAlive(pid_t pid);

  v1::Entrobench::Stub& stub() { return *stub_; }
  const std::string& address() const { return address_; }
  const std::string& folder() const { return folder_; }

  // Submits and expects success; the sweep's id.
  uint64_t Submit(const std::string& yaml, bool fresh = false);
  v1::SweepStatus Status(uint64_t sweep);
  v1::GetSweepReply Sweep(uint64_t sweep);
  // Asks until `condition` holds; fails the test after `timeout`.
  v1::SweepStatus WaitUntil(uint64_t sweep,
                            const std::function<bool(const v1::SweepStatus&)>& condition,
                            absl::Duration timeout = absl::Seconds(90));
  v1::SweepStatus WaitForEnd(uint64_t sweep, absl::Duration timeout = absl::Seconds(90));
  std::vector<v1::ExportRow> Export(uint64_t sweep, bool with_payload = false);

  // Runs `entrobench ARGS` against this coordinator.
  CommandResult Cli(const std::vector<std::string>& args);

  // Writes a file into the cluster's folder; its path.
  std::string WriteFile(const std::string& name, const std::string& contents);

 private:
  Options options_;
  std::string folder_;
  std::string address_ = "127.0.0.1:0";
  Process coordinator_;
  std::map<int, Process> workers_;
  std::unique_ptr<v1::Entrobench::Stub> stub_;
  int logs_ = 0;
};

// Calls `condition` until it is true; false after `timeout`.
bool WaitFor(const std::function<bool()>& condition, absl::Duration timeout);

// Expects that every trial of the sweep is done and holds each sample id below its number of
// samples exactly once, and that the totals equal a recount.
void ExpectComplete(Cluster& cluster, uint64_t sweep);

}  // namespace entrobench
