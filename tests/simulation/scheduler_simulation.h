// A cluster in a bottle: the scheduler, a store, workers that crash, vanish, come back, are slow or
// fail, people who cancel, retry and drain, and a coordinator that restarts. Everything follows
// from one seed; time is virtual.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/random.h"
#include "coordinator/scheduler/scheduler.h"

namespace entrobench {

class SchedulerSimulation {
 public:
  explicit SchedulerSimulation(uint64_t seed);

  // Runs until every sweep has ended. Returns what went wrong, one line each, with the time; empty
  // when all held:
  //   * no worker has more on it than it has (cores, memory, GPUs), and only what it can run at
  //   all;
  //   * a job has at most two live attempts, one when its trial is ordered, never two on one
  //   worker;
  //   * an epoch is given once, and each is higher than the last;
  //   * no worker with room stands idle while a job that it could run waits, unless it is being
  //   cleared for a larger
  //     one, drains, or has failed that job;
  //   * what the scheduler says is live is what its decisions made live;
  //   * every job ends: done, failed after the failures or losses that the rules ask for, or
  //   cancelled; and every
  //     sweep in the state that its jobs say.
  std::vector<std::string> Run();

  // For tests that a run was eventful.
  struct Events {
    int steps = 0, leases = 0, backups = 0, done = 0, failures = 0, refusals = 0, losses = 0;
    int crashes = 0, partitions = 0, restarts = 0, cancels = 0, retries = 0, drains = 0;
    int failed_jobs = 0;
    friend bool operator==(const Events&, const Events&) = default;
  };
  const Events& events() const { return events_; }

 private:
  // ---- What the store remembers.
  struct JobRow {
    JobId id = 0;
    TrialId trial = 0;
    uint32_t last_epoch = 0;
    std::vector<std::string> failed_on;  // since the last retry
    bool done = false;                   // an attempt that was live said so
    bool refused = false;
    std::map<uint32_t, std::string> live;  // epoch -> worker
    std::optional<EndState> end;
    // For the checks only.
    int losses = 0;             // since the last restart or retry
    absl::Time may_wait_until;  // it may be in backoff until then
  };
  struct SweepRow {
    SweepSpec spec;
    std::vector<TrialId> trials;
    absl::Time submit_at;
    bool submitted = false;
    bool known_failed = false;  // a job has failed since the coordinator's start or the last retry
    int retries = 0;
    std::optional<EndState> end;
  };
  struct TrialRow {
    TrialSpec spec;
    std::vector<JobId> jobs;
  };

  // ---- A worker as it really is, whatever the coordinator believes.
  enum class Outcome { kDone, kFailed, kRefused, kCancelled };
  struct Running {
    absl::Time ends;
    Outcome outcome = Outcome::kDone;
  };
  struct Machine {
    WorkerSpec spec;
    double speed = 1;
    double failure_rate = 0;
    bool up = true;
    bool reachable = true;
    bool connected = false;  // as the coordinator saw it last
    bool draining = false;   // as the coordinator remembers it
    absl::Time changes;      // when it next crashes, vanishes or comes back
    absl::Time next_beat;
    absl::Time heard = absl::InfinitePast();       // the last sign of life that arrived
    absl::Time revoked_at = absl::InfinitePast();  // the last Revoke of an attempt of its
    std::map<std::pair<JobId, uint32_t>, Running> running;
  };

  void MakeMachines();
  void MakeSweeps();
  void AddOpenJobs(SweepRow* sweep);
  void RestartCoordinator();
  void Move(Machine* machine);
  void Connect(Machine* machine);
  void ReportEnds(Machine* machine);
  void People();
  void Retry(SweepRow* sweep);
  void Apply(const Decisions& decisions);
  void ApplyLease(const Lease& lease);
  void ApplyRevoke(const Revoke& revoke);
  void ApplyJobEnded(const JobEnded& ended);
  void ApplySweepEnded(const SweepEnded& ended);
  void Check();
  void Wrong(const std::string& what);

  Machine* Find(const std::string& id);
  static bool CanRun(const Machine& machine, const TrialSpec& trial);
  bool Happens(double probability) { return random_.Uniform() < probability; }
  absl::Duration About(absl::Duration mean) { return mean * (0.2 + 1.6 * random_.Uniform()); }

  Random random_;
  const SchedulerOptions options_;
  std::unique_ptr<Scheduler> scheduler_;
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  const absl::Time calm_from_;  // from then on nothing breaks any more, so that all can end
  std::vector<Machine> machines_;
  std::map<SweepId, SweepRow> sweeps_;
  std::map<TrialId, TrialRow> trials_;
  std::map<JobId, JobRow> jobs_;
  Events events_;
  std::vector<std::string> wrong_;
};

}  // namespace entrobench
