// The scheduler's state and what its events do with it. The methods stand in jobs.cc, attempts.cc,
// workers.cc, placement.cc, timers.cc and questions.cc, by what they are about.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "coordinator/scheduler/scheduler.h"
#include "coordinator/scheduler/slab.h"
#include "coordinator/scheduler/state.h"
#include "coordinator/scheduler/waiting_jobs.h"

namespace entrobench {

inline bool Contains(const std::vector<Index>& indices, Index index) {
  return std::find(indices.begin(), indices.end(), index) != indices.end();
}

inline bool Contains(const std::array<Index, 2>& indices, Index index) {
  return index == indices[0] || index == indices[1];
}

class Scheduler::Impl {
 public:
  explicit Impl(const SchedulerOptions& options) : options_(options) {}

  void AddSweep(const SweepSpec& spec);
  void AddTrial(const TrialSpec& spec);
  void AddJob(const JobSpec& spec);
  void RestoreLease(const AttemptId& attempt, absl::string_view worker, absl::Time now);
  void StartSweep(SweepId id);
  void CancelSweep(SweepId id);
  void ForgetFailures(SweepId id);
  void WorkerConnected(const WorkerSpec& spec);
  void WorkerGone(absl::string_view id);
  void Heartbeat(absl::string_view id, absl::Span<const AttemptId> running,
                 absl::Span<const std::string> warm_models);
  void DrainWorker(absl::string_view id);
  void AttemptDone(const AttemptId& id);
  void AttemptFailed(const AttemptId& id);
  void AttemptRefused(const AttemptId& id);
  void AttemptCancelled(const AttemptId& id);

  // Every event is Begin(now), what it does, End().
  void Begin(absl::Time now);
  Decisions End();

  absl::Time NextDeadline() const;
  bool IsLive(const AttemptId& id) const { return FindLive(id) != kNone; }
  SweepCounts CountsOf(SweepId id) const;
  bool HasSweep(SweepId id) const { return sweeps_.contains(id); }
  std::string WhyIdle(SweepId id) const;
  std::vector<AttemptId> AttemptsOf(absl::string_view id) const;
  bool IsDraining(absl::string_view id) const;

 private:
  // ---- Jobs
  Sweep* SweepOf(const Job& job) const { return trials_[job.trial].sweep; }
  PoolKey KeyOf(const Job& job) const {
    const Trial& trial = trials_[job.trial];
    return {trial.demand, trial.catalogs, job.failed_on};
  }
  void Enqueue(Index job, WaitingJobs::End end);
  void BackOff(Index job, int tries);
  void Lost(Index job);
  void EndJob(Index job, EndState state, std::string reason);
  void FreeJob(Index job);
  void EndSweepIfDone(Sweep* sweep);
  void EndSweep(Sweep* sweep, EndState state);
  void UpdateEnding(Sweep* sweep);

  // ---- Attempts
  Index FindLive(const AttemptId& id) const;
  Index NewAttempt(Index job, Index worker, uint32_t epoch);
  void Occupy(Attempt* attempt, Worker* worker);
  void Start(Index worker, Index job, bool backup);
  void Detach(Index attempt);  // from its job and sweep: it is not live any more
  void Vacate(Index attempt);  // its worker has its place back; the record is freed
  void RevokeAttempt(Index attempt, std::string reason);
  void Stopped(const AttemptId& id);  // a revoked attempt's evaluator has ended
  // Both at once, for an attempt that its worker ended by itself; the job it was of. kNone when it
  // was not live.
  Index EndLive(const AttemptId& id);

  // ---- Workers
  Worker* FindWorker(absl::string_view id) const;
  Worker* WorkerRecord(absl::string_view id);  // made when it is not there
  Index IndexOf(const Worker* worker) { return worker_names_.Of(worker->id); }
  void SetExpiry(Index worker, absl::Time when);
  void Expire(Index worker);
  void WorkersChanged();
  void MarkDirty(Index worker);
  void Unreserve(Worker* worker);
  void ReleaseWorkers();
  Index CatalogOf(const WorkerSpec& spec);
  Index CatalogsWith(Index method, Index suite);
  void RearrangeWaiting();

  // ---- Placement
  bool CanEverRun(const Worker& worker, Index demand, Index catalogs) const;
  bool CanRun(Index worker, Pool* pool);
  bool HasAlternative(Pool* pool);
  bool FitsNow(const Worker& worker, Index demand) const;
  bool Takes(Index worker, Pool* pool);
  double ChargeRate(const Worker& worker, const Demand& demand) const;
  double ExpectedSeconds(const Trial& trial, const Job& job) const;  // 0: unknown
  void RunTimers();
  void Dispatch();
  std::vector<Index> Candidates();
  bool ReserveForPassedOver(const JobQueue& chosen, const std::vector<Index>& candidates);
  Index PickWorker(JobQueue* queue, const std::vector<Index>& candidates);
  std::pair<JobQueue*, Lane*> PickLane(Index worker, JobQueue* queue);
  Lane* WarmLane(const Worker& worker, JobQueue* queue) const;
  void BackUpStragglers();

  const SchedulerOptions options_;
  absl::Time now_ = absl::InfinitePast();  // of the latest event
  Decisions decisions_;                    // of the event at hand

  absl::btree_map<SweepId, std::unique_ptr<Sweep>> sweeps_;
  absl::flat_hash_map<TrialId, Index> trial_indices_;
  Slab<Trial> trials_;
  absl::flat_hash_map<JobId, Index> job_indices_;
  Slab<Job> jobs_;
  Slab<Attempt> attempts_;
  WaitingJobs waiting_{&jobs_};
  absl::btree_map<int, double> virtual_clocks_;  // by priority: where a sweep that joins starts

  Interner names_;  // of methods, suites, models
  std::vector<Demand> demands_;
  absl::btree_map<Demand, Index> demand_indices_;

  // A catalogue is what a worker has; equal ones are one. Sets of catalogues tell which workers
  // have what a job wants.
  struct Catalog {
    std::vector<Index> methods;  // sorted
    std::vector<Index> suites;
    friend auto operator<=>(const Catalog&, const Catalog&) = default;
  };
  std::vector<Catalog> catalogs_;
  absl::btree_map<Catalog, Index> catalog_indices_;
  std::vector<std::vector<Index>> catalog_sets_;  // ascending
  absl::btree_map<std::vector<Index>, Index> catalog_set_indices_;
  absl::flat_hash_map<std::pair<Index, Index>, Index> catalogs_with_;  // of (method, suite)

  Interner worker_names_;
  std::vector<std::unique_ptr<Worker>> workers_;  // by name; null for forgotten ones
  absl::btree_set<Index> present_;                // those that are not null
  uint64_t workers_version_ = 1;  // raised when one becomes available or ceases to be
  uint64_t dispatched_version_ = 0;
  double available_cores_ = 0;
  std::vector<Index> dirty_workers_;  // may have got room since the last dispatch

  absl::btree_set<std::pair<absl::Time, Index>> expiries_;  // of workers
  absl::btree_set<std::pair<absl::Time, Index>> retries_;   // of jobs
  absl::btree_set<std::pair<absl::Time, Index>> stops_;     // of stopping attempts
  absl::flat_hash_map<std::pair<JobId, uint32_t>, Index> stopping_;
  absl::btree_set<SweepId> ending_;
  absl::Time next_straggler_check_ = absl::InfinitePast();
};

}  // namespace entrobench
