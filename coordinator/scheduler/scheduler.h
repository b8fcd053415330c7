// Which worker runs which job, and when. A pure state machine: events in, decisions out, time
// passed in. No clock, thread, lock or I/O inside, so that a simulation can run a year of crashes
// in a second. Not safe for use by two threads at once; the coordinator calls it from one executor.
//
// The rules:
//   * A job goes only to a worker that has its method's version and its suite, and where it fits:
//   cores,
//     memory, GPUs, labels.
//   * The sweep of the highest priority goes first; among equals the one that got least of its fair
//   share
//     (virtual time: core-seconds over weight); within a sweep a job whose model the worker holds.
//   * A job too big for what is free now gets a worker cleared for it once it has been passed over
//   for
//     `reserve_after`, so small jobs cannot starve it.
//   * A lease lives as long as its worker is heard of. After `lease_term` of silence it is taken
//   back.
//   * A failed job waits (exponential backoff with jitter), then runs on a worker that has not
//   failed it, where
//     there is one. The `max_failures`-th failure is the last.
//   * A lost worker is not the job's fault: its jobs run elsewhere. Only a job that was lost
//   `max_losses`
//     times is held to kill its workers, and fails.
//   * When a sweep has nothing waiting and a suitable worker has nothing to do, a straggler of an
//   unordered trial
//     gets a second attempt there; the first to finish wins.
//   * Epochs of a job rise strictly, over restarts too.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "coordinator/scheduler/decision.h"
#include "coordinator/scheduler/demand.h"

namespace entrobench {

struct SchedulerOptions {
  absl::Duration lease_term = absl::Seconds(30);  // silence of a worker after which its leases end
  int max_failures = 3;
  int max_losses = 10;
  // The n-th retry waits between half and all of retry_base * 2^(n-1), never more than retry_limit.
  absl::Duration retry_base = absl::Seconds(2);
  absl::Duration retry_limit = absl::Minutes(1);
  absl::Duration reserve_after = absl::Seconds(10);
  // How long a worker may go on with a sweep whose model it holds although another sweep's turn has
  // come.
  absl::Duration warm_slack = absl::Seconds(60);
  // A straggler has run `straggler_factor` times as long as its sweep's jobs took on average, and
  // at least straggler_least.
  double straggler_factor = 2.0;
  absl::Duration straggler_least = absl::Seconds(5);
  // A sweep that could not run for a while catches up on at most this much of all workers' time.
  absl::Duration largest_credit = absl::Seconds(60);
  // How long a revoked attempt still counts as occupying its worker when the worker does not say
  // that it ended.
  absl::Duration revoke_grace = absl::Seconds(5);
};

struct SweepSpec {
  SweepId id = 0;
  double weight = 1;  // > 0
  int priority = 0;   // higher goes first
};

struct TrialSpec {
  TrialId id = 0;
  SweepId sweep = 0;
  // What an attempt wants warm: the model's digest, or for an endpoint its name; empty when there
  // is no model.
  std::string model = {};
  // Each must be among its worker's; the names are the caller's choice ("top-h@1"). Empty: any
  // worker will do.
  std::string method = {};
  std::string suite = {};
  Demand demand = {};
  bool ordered = false;
};

struct JobSpec {
  JobId id = 0;
  TrialId trial = 0;
  uint64_t begin = 0;  // samples [begin, end); below 2^32
  uint64_t end = 0;
  uint32_t last_epoch = 0;  // the highest epoch ever leased; 0: none
  std::vector<std::string> failed_on =
      {};  // ids of the workers whose attempts failed, one a failure
};

struct AttemptId {
  JobId job = 0;
  uint32_t epoch = 0;
  friend bool operator==(const AttemptId&, const AttemptId&) = default;
};

struct WorkerSpec {
  std::string id = {};
  Capacity capacity = {};
  std::vector<std::string> methods = {};  // in any order
  std::vector<std::string> suites = {};
  std::vector<AttemptId> attempts = {};  // that it still runs, or whose results it still holds
};

class Scheduler {
 public:
  explicit Scheduler(SchedulerOptions options = {});
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // ---- Work. A sweep is added whole and then started; the same calls rebuild the state after a
  // restart.

  void AddSweep(const SweepSpec& sweep);  // no effect when it is there already
  void AddTrial(
      const TrialSpec& trial);  // its sweep must have been added; no effect when it is there
  // Its trial must have been added. A job that is there already stays as it is.
  void AddJob(const JobSpec& job);
  // After AddJob, before StartSweep, at the coordinator's start: the store says that this attempt
  // was live. It gets a fresh term from `now`, so an outage does not throw away what its worker
  // spooled meanwhile.
  void RestoreLease(const AttemptId& attempt, absl::string_view worker, absl::Time now);
  // All of the sweep's jobs are there. A sweep without open jobs ends at once.
  Decisions StartSweep(SweepId sweep, absl::Time now);

  // Ends everything of the sweep that is open. Unknown sweep: no effect.
  Decisions CancelSweep(SweepId sweep, absl::Time now);

  // To run failed (or cancelled) jobs again: for a sweep that has ended AddSweep, AddTrial, AddJob,
  // StartSweep as at first; for one that still runs ForgetFailures, AddTrial, AddJob for each
  // failed job, StartSweep.
  void ForgetFailures(SweepId sweep);

  // ---- Workers.

  // A (new) stream said Hello. Leases that are not among the worker's attempts are free again;
  // attempts of its that are not live are revoked. Replaces what was known of a worker with this
  // id, except that a draining one stays so while it holds attempts. (Without any it would have
  // stopped: it is another process, to whom nobody said so.)
  Decisions WorkerConnected(const WorkerSpec& worker, absl::Time now);
  // The stream broke. The worker may come back: its leases live on to the end of their term.
  Decisions WorkerGone(absl::string_view worker, absl::Time now);
  // `running` and `warm_models` as the worker reports them.
  Decisions Heartbeat(absl::string_view worker, absl::Span<const AttemptId> running,
                      absl::Span<const std::string> warm_models, absl::Time now);
  // What runs there may finish; nothing new goes there until it comes back with nothing in hand, or
  // has been gone for a lease term.
  Decisions DrainWorker(absl::string_view worker, absl::Time now);

  // ---- Ends of attempts, a sign of life from their worker too. Of an attempt that is not live
  // they only free what it occupied.

  Decisions AttemptDone(const AttemptId& attempt, absl::Time now);
  Decisions AttemptFailed(const AttemptId& attempt, absl::Time now);
  Decisions AttemptRefused(const AttemptId& attempt, absl::Time now);    // fails the job at once
  Decisions AttemptCancelled(const AttemptId& attempt, absl::Time now);  // the worker gave it up

  // ---- Time.

  // Call at NextDeadline() or a little later. A gap between two calls (of any event) of more than
  // half a lease term means that this process stood still (suspended, stopped): then no lease runs
  // out, all get a fresh term.
  Decisions Tick(absl::Time now);
  absl::Time NextDeadline() const;  // InfiniteFuture when there is nothing to wait for

  // ---- Questions.

  bool IsLive(const AttemptId& attempt) const;  // may this attempt write?

  struct SweepCounts {
    uint64_t waiting = 0;  // those in backoff included
    uint64_t running = 0;  // with at least one live attempt
    uint64_t failed = 0;   // since AddSweep or ForgetFailures
  };
  SweepCounts CountsOf(SweepId sweep) const;  // zeros for an unknown sweep
  bool HasSweep(SweepId sweep) const;
  // Why nothing of the sweep runs, for people: "no worker is connected", "no connected worker has
  // method top-h@2". Empty when something runs or nothing waits.
  std::string WhyIdle(SweepId sweep) const;

  std::vector<AttemptId> AttemptsOf(absl::string_view worker) const;  // live ones
  bool IsDraining(absl::string_view worker) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace entrobench
