#include "coordinator/scheduler/scheduler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/random.h"
#include "coordinator/scheduler/slab.h"
#include "coordinator/scheduler/state.h"
#include "coordinator/scheduler/waiting_jobs.h"

namespace entrobench {
namespace {

// How often stragglers are looked for while a sweep nears its end.
constexpr absl::Duration kStragglerInterval = absl::Seconds(1);

// Charged for a job of a sweep of which none has finished yet.
constexpr double kUnknownSeconds = 1;

// What an attempt costs at least, so that sweeps of very short jobs take turns too.
constexpr double kLeastSeconds = 0.001;

bool Contains(const std::vector<Index>& indices, Index index) {
  return std::find(indices.begin(), indices.end(), index) != indices.end();
}

bool Contains(const std::array<Index, 2>& indices, Index index) {
  return index == indices[0] || index == indices[1];
}

std::vector<Index> SortedUnique(std::vector<Index> indices) {
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  return indices;
}

}  // namespace

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

// ---- Work
// ----------------------------------------------------------------------------------------------------------

void Scheduler::Impl::AddSweep(const SweepSpec& spec) {
  auto& sweep = sweeps_[spec.id];
  if (sweep != nullptr) return;
  sweep = std::make_unique<Sweep>();
  sweep->id = spec.id;
  sweep->weight = spec.weight;
  sweep->priority = spec.priority;
}

void Scheduler::Impl::AddTrial(const TrialSpec& spec) {
  const auto [entry, is_new] = trial_indices_.try_emplace(spec.id, kNone);
  if (!is_new) return;
  entry->second = trials_.Allocate();
  Trial& trial = trials_[entry->second];
  trial.id = spec.id;
  trial.sweep = sweeps_.at(spec.sweep).get();
  trial.model = names_.Of(spec.model);
  trial.method = names_.Of(spec.method);
  trial.suite = names_.Of(spec.suite);
  const auto [demand, is_new_demand] =
      demand_indices_.try_emplace(spec.demand, static_cast<Index>(demands_.size()));
  if (is_new_demand) demands_.push_back(spec.demand);
  trial.demand = demand->second;
  trial.catalogs = CatalogsWith(trial.method, trial.suite);
  trial.ordered = spec.ordered;
  trial.sweep->trials.push_back(entry->second);
}

void Scheduler::Impl::AddJob(const JobSpec& spec) {
  const auto [entry, is_new] = job_indices_.try_emplace(spec.id, kNone);
  if (!is_new) return;
  const Index index = entry->second = jobs_.Allocate();
  Job& job = jobs_[index];
  job.id = spec.id;
  job.trial = trial_indices_.at(spec.trial);
  ++trials_[job.trial].open_jobs;
  job.begin = static_cast<uint32_t>(spec.begin);
  job.end = static_cast<uint32_t>(spec.end);
  job.epoch = spec.last_epoch;
  job.failures = static_cast<uint8_t>(std::min<size_t>(spec.failed_on.size(), 255));
  for (size_t i = spec.failed_on.size() - std::min<size_t>(spec.failed_on.size(), 2);
       i < spec.failed_on.size(); ++i) {
    const Index worker = worker_names_.Of(spec.failed_on[i]);
    if (Contains(job.failed_on, worker)) continue;
    job.failed_on[job.failed_on[0] == kNone ? 0 : 1] = worker;
  }
  std::sort(job.failed_on.begin(), job.failed_on.end());
  Enqueue(index, WaitingJobs::End::kBack);
}

void Scheduler::Impl::RestoreLease(const AttemptId& id, absl::string_view worker_id,
                                   absl::Time now) {
  const auto entry = job_indices_.find(id.job);
  if (entry == job_indices_.end()) return;
  now_ = std::max(now_, now);
  const Index index = entry->second;
  Job& job = jobs_[index];
  Sweep* sweep = SweepOf(job);
  if (job.state == JobState::kWaiting) {
    waiting_.Remove(index, sweep, KeyOf(job), trials_[job.trial].model);
    job.state = JobState::kRunning;
    ++sweep->running;
  }
  Worker* worker = WorkerRecord(worker_id);
  const Index attempt = NewAttempt(index, IndexOf(worker), id.epoch);
  attempts_[attempt].started = now_;
  job.epoch = std::max(job.epoch, id.epoch);
  SetExpiry(IndexOf(worker), now_ + options_.lease_term);
  UpdateEnding(sweep);
}

void Scheduler::Impl::StartSweep(SweepId id) {
  const auto entry = sweeps_.find(id);
  if (entry == sweeps_.end()) return;
  Sweep* sweep = entry->second.get();
  if (!sweep->started) waiting_.Start(sweep);
  UpdateEnding(sweep);
  EndSweepIfDone(sweep);
}

void Scheduler::Impl::CancelSweep(SweepId id) {
  const auto entry = sweeps_.find(id);
  if (entry == sweeps_.end()) return;
  Sweep* sweep = entry->second.get();
  for (Index job : waiting_.TakeAll(sweep)) FreeJob(job);
  for (auto retry = retries_.begin(); retry != retries_.end();) {
    if (SweepOf(jobs_[retry->second]) == sweep) {
      FreeJob(retry->second);
      retry = retries_.erase(retry);
    } else {
      ++retry;
    }
  }
  while (!sweep->attempts.empty()) {
    const Index attempt = sweep->attempts.back();
    const Index job = attempts_[attempt].job;
    RevokeAttempt(attempt, "the sweep was cancelled");
    if (jobs_[job].attempt == kNone) FreeJob(job);
  }
  for (Index trial : sweep->trials) {
    if (trials_[trial].open_jobs == 0) continue;
    decisions_.push_back(TrialEnded{trials_[trial].id, sweep->id, EndState::kCancelled});
  }
  EndSweep(sweep, EndState::kCancelled);
}

void Scheduler::Impl::ForgetFailures(SweepId id) {
  const auto entry = sweeps_.find(id);
  if (entry == sweeps_.end()) return;
  entry->second->failed = 0;
  for (Index trial : entry->second->trials) trials_[trial].failed = false;
}

// ---- Jobs
// ----------------------------------------------------------------------------------------------------------

void Scheduler::Impl::Enqueue(Index index, WaitingJobs::End end) {
  Job& job = jobs_[index];
  Sweep* sweep = SweepOf(job);
  if (sweep->waiting == 0 && sweep->running == 0) {
    // It comes (back) to compete: time that it had nothing to run is not saved up.
    const double clock = virtual_clocks_[sweep->priority];
    if (sweep->virtual_time < clock) waiting_.SetVirtualTime(sweep, clock);
  }
  job.state = JobState::kWaiting;
  waiting_.Push(index, sweep, KeyOf(job), trials_[job.trial].model, end);
  UpdateEnding(sweep);
}

void Scheduler::Impl::BackOff(Index index, int tries) {
  Job& job = jobs_[index];
  const absl::Duration whole = std::min(
      options_.retry_limit, options_.retry_base * std::ldexp(1.0, std::min(tries - 1, 30)));
  // Jitter, so that jobs which failed together do not come back together.
  const double jitter = 0.5 + 0.5 * Random(job.id, static_cast<uint64_t>(tries)).Uniform();
  job.state = JobState::kBackoff;
  ++SweepOf(job)->backoff;
  UpdateEnding(SweepOf(job));
  retries_.emplace(now_ + whole * jitter, index);
}

void Scheduler::Impl::Lost(Index index) {
  Job& job = jobs_[index];
  ++job.losses;
  if (job.attempt != kNone) return;
  if (job.failures >= options_.max_failures) {
    EndJob(index, EndState::kFailed, absl::StrCat("failed on ", job.failures, " attempts"));
  } else if (job.losses >= options_.max_losses) {
    EndJob(index, EndState::kFailed,
           absl::StrCat("its worker was lost ", job.losses, " times while it ran"));
  } else if (job.losses == 1) {
    Enqueue(index, WaitingJobs::End::kFront);
  } else {
    BackOff(index, job.losses - 1);
  }
}

void Scheduler::Impl::EndJob(Index index, EndState state, std::string reason) {
  Job& job = jobs_[index];
  Sweep* sweep = SweepOf(job);
  while (job.attempt != kNone) {
    RevokeAttempt(job.attempt,
                  state == EndState::kDone ? "another attempt was first" : "the job has failed");
  }
  Trial& trial = trials_[job.trial];
  if (state == EndState::kFailed) {
    ++sweep->failed;
    trial.failed = true;
  }
  decisions_.push_back(JobEnded{job.id, trial.id, state, std::move(reason)});
  if (--trial.open_jobs == 0) {
    decisions_.push_back(
        TrialEnded{trial.id, sweep->id, trial.failed ? EndState::kFailed : EndState::kDone});
  }
  FreeJob(index);
  UpdateEnding(sweep);
  EndSweepIfDone(sweep);
}

void Scheduler::Impl::FreeJob(Index index) {
  job_indices_.erase(jobs_[index].id);
  jobs_.Free(index);
}

void Scheduler::Impl::EndSweepIfDone(Sweep* sweep) {
  if (!sweep->started || sweep->waiting + sweep->backoff + sweep->running > 0) return;
  EndSweep(sweep, sweep->failed > 0 ? EndState::kFailed : EndState::kDone);
}

void Scheduler::Impl::EndSweep(Sweep* sweep, EndState state) {
  decisions_.push_back(SweepEnded{sweep->id, state});
  for (Index trial : sweep->trials) {
    trial_indices_.erase(trials_[trial].id);
    trials_.Free(trial);
  }
  ending_.erase(sweep->id);
  sweeps_.erase(SweepId(sweep->id));
}

void Scheduler::Impl::UpdateEnding(Sweep* sweep) {
  const bool ending = sweep->started && sweep->waiting == 0 && sweep->running > 0;
  if (ending == sweep->ending) return;
  sweep->ending = ending;
  if (ending) {
    ending_.insert(sweep->id);
  } else {
    ending_.erase(sweep->id);
  }
}

// ---- Attempts
// ------------------------------------------------------------------------------------------------------

Index Scheduler::Impl::FindLive(const AttemptId& id) const {
  const auto entry = job_indices_.find(id.job);
  if (entry == job_indices_.end()) return kNone;
  const Index first = jobs_[entry->second].attempt;
  if (first == kNone || attempts_[first].epoch == id.epoch) return first;
  const Index second = attempts_[first].twin;
  return second != kNone && attempts_[second].epoch == id.epoch ? second : kNone;
}

Index Scheduler::Impl::NewAttempt(Index job_index, Index worker, uint32_t epoch) {
  Job& job = jobs_[job_index];
  const Index index = attempts_.Allocate();
  Attempt& attempt = attempts_[index];
  attempt.job_id = job.id;
  attempt.job = job_index;
  attempt.trial = job.trial;
  attempt.epoch = epoch;
  attempt.worker = worker;
  attempt.twin = job.attempt;
  if (job.attempt != kNone) attempts_[job.attempt].twin = index;
  job.attempt = index;
  Sweep* sweep = SweepOf(job);
  attempt.sweep_position = static_cast<uint32_t>(sweep->attempts.size());
  sweep->attempts.push_back(index);
  workers_[worker]->attempts.push_back(index);
  return index;
}

void Scheduler::Impl::Occupy(Attempt* attempt, Worker* worker) {
  const Demand& demand = demands_[trials_[attempt->trial].demand];
  attempt->charge_rate = ChargeRate(*worker, demand);
  attempt->cores = demand.cores == 0 ? worker->capacity.cores : demand.cores;
  attempt->memory_bytes = demand.memory_bytes;
  // The smallest GPUs that are large enough.
  for (uint32_t i = 0; i < demand.gpus; ++i) {
    int best = -1;
    for (size_t gpu = 0; gpu < worker->capacity.gpu_memory_bytes.size(); ++gpu) {
      const uint64_t bytes = worker->capacity.gpu_memory_bytes[gpu];
      if ((worker->free_gpus >> gpu & 1) == 0 || bytes < demand.gpu_memory_bytes) continue;
      if (best < 0 || bytes < worker->capacity.gpu_memory_bytes[static_cast<size_t>(best)]) {
        best = static_cast<int>(gpu);
      }
    }
    if (best < 0) break;  // only for a lease from before a restart
    attempt->gpus |= uint64_t{1} << best;
    worker->free_gpus &= ~(uint64_t{1} << best);
  }
  worker->free_cores -= attempt->cores;
  worker->free_memory -= static_cast<int64_t>(attempt->memory_bytes);
}

void Scheduler::Impl::Start(Index worker_index, Index job_index, bool backup) {
  Worker& worker = *workers_[worker_index];
  Job& job = jobs_[job_index];
  const Trial& trial = trials_[job.trial];
  Sweep* sweep = trial.sweep;
  if (job.attempt == kNone) ++sweep->running;
  job.state = JobState::kRunning;
  ++job.epoch;
  const Index index = NewAttempt(job_index, worker_index, job.epoch);
  Attempt& attempt = attempts_[index];
  attempt.started = now_;
  Occupy(&attempt, &worker);

  const double expected = ExpectedSeconds(trial, job);
  attempt.charged = attempt.charge_rate * (expected > 0 ? expected : kUnknownSeconds);
  double& clock = virtual_clocks_[sweep->priority];
  const double credit =
      absl::ToDoubleSeconds(options_.largest_credit) * available_cores_ / sweep->weight;
  const double start = std::max(sweep->virtual_time, clock - credit);
  clock = std::max(clock, start);
  waiting_.SetVirtualTime(sweep, start + attempt.charged / sweep->weight);

  worker.last_sweep = sweep->id;
  if (!Contains(worker.warm_models, trial.model)) worker.warm_models.push_back(trial.model);
  decisions_.push_back(
      Lease{worker.id, job.id, job.epoch, trial.id, job.begin, job.end, attempt.gpus, backup});
  UpdateEnding(sweep);
}

void Scheduler::Impl::Detach(Index index) {
  Attempt& attempt = attempts_[index];
  Job& job = jobs_[attempt.job];
  if (job.attempt == index) job.attempt = attempt.twin;
  if (attempt.twin != kNone) attempts_[attempt.twin].twin = kNone;
  attempt.twin = kNone;

  Sweep* sweep = SweepOf(job);
  const Index last = sweep->attempts.back();
  attempts_[last].sweep_position = attempt.sweep_position;
  sweep->attempts[attempt.sweep_position] = last;
  sweep->attempts.pop_back();
  if (job.attempt == kNone) --sweep->running;
  // Its real cost instead of the estimate.
  const double seconds = std::max(kLeastSeconds, absl::ToDoubleSeconds(now_ - attempt.started));
  const double cost = attempt.charge_rate * seconds;
  waiting_.SetVirtualTime(sweep, sweep->virtual_time + (cost - attempt.charged) / sweep->weight);
}

void Scheduler::Impl::Vacate(Index index) {
  Attempt& attempt = attempts_[index];
  Worker& worker = *workers_[attempt.worker];
  worker.free_cores += attempt.cores;
  worker.free_memory += static_cast<int64_t>(attempt.memory_bytes);
  worker.free_gpus |= attempt.gpus;
  std::erase(worker.attempts, index);
  MarkDirty(attempt.worker);
  if (attempt.stopping) {
    stopping_.erase({attempt.job_id, attempt.epoch});
    stops_.erase({attempt.stop_at, index});
  }
  attempts_.Free(index);
}

void Scheduler::Impl::RevokeAttempt(Index index, std::string reason) {
  Attempt& attempt = attempts_[index];
  const Worker& worker = *workers_[attempt.worker];
  decisions_.push_back(Revoke{worker.id, attempt.job_id, attempt.epoch, std::move(reason)});
  Detach(index);
  if (!worker.connected || worker.silent) {
    Vacate(index);
    return;
  }
  attempt.stopping = true;
  attempt.stop_at = now_ + options_.revoke_grace;
  stops_.emplace(attempt.stop_at, index);
  stopping_[{attempt.job_id, attempt.epoch}] = index;
}

void Scheduler::Impl::Stopped(const AttemptId& id) {
  const auto entry = stopping_.find({id.job, id.epoch});
  if (entry != stopping_.end()) Vacate(entry->second);
}

Index Scheduler::Impl::EndLive(const AttemptId& id) {
  const Index attempt = FindLive(id);
  if (attempt == kNone) {
    Stopped(id);
    return kNone;
  }
  const Index job = attempts_[attempt].job;
  const Index worker = attempts_[attempt].worker;
  if (workers_[worker]->expires != absl::InfiniteFuture()) {
    SetExpiry(worker, now_ + options_.lease_term);  // a sign of life like any other
  }
  Detach(attempt);
  Vacate(attempt);
  return job;
}

void Scheduler::Impl::AttemptDone(const AttemptId& id) {
  const Index live = FindLive(id);
  const absl::Time started = live == kNone ? now_ : attempts_[live].started;
  const Index index = EndLive(id);
  if (index == kNone) return;
  const Job& job = jobs_[index];
  const double seconds = absl::ToDoubleSeconds(now_ - started);
  trials_[job.trial].pace.Add(seconds, job.end - job.begin);
  SweepOf(job)->pace.Add(seconds, job.end - job.begin);
  EndJob(index, EndState::kDone, "");
}

void Scheduler::Impl::AttemptFailed(const AttemptId& id) {
  const Index live = FindLive(id);
  const Index worker = live == kNone ? kNone : attempts_[live].worker;
  const Index index = EndLive(id);
  if (index == kNone) return;
  Job& job = jobs_[index];
  ++job.failures;
  if (!Contains(job.failed_on, worker)) {
    // Two are remembered: with three the job has failed.
    job.failed_on[job.failed_on[1] == kNone && job.failed_on[0] != kNone ? 1 : 0] = worker;
    std::sort(job.failed_on.begin(), job.failed_on.end());
  }
  if (job.attempt != kNone) return;  // its twin may still make it
  if (job.failures >= options_.max_failures) {
    EndJob(index, EndState::kFailed, absl::StrCat("failed on ", job.failures, " attempts"));
  } else {
    BackOff(index, job.failures);
  }
}

void Scheduler::Impl::AttemptRefused(const AttemptId& id) {
  const Index job = EndLive(id);
  if (job != kNone) EndJob(job, EndState::kFailed, "refused: trying again cannot help");
}

void Scheduler::Impl::AttemptCancelled(const AttemptId& id) {
  const Index job = EndLive(id);
  if (job != kNone) Lost(job);
}

// ---- Workers
// -------------------------------------------------------------------------------------------------------

Worker* Scheduler::Impl::FindWorker(absl::string_view id) const {
  const Index index = worker_names_.Find(id);
  return index < workers_.size() ? workers_[index].get() : nullptr;
}

Worker* Scheduler::Impl::WorkerRecord(absl::string_view id) {
  const Index index = worker_names_.Of(id);
  if (workers_.size() <= index) workers_.resize(index + 1);
  if (workers_[index] == nullptr) {
    workers_[index] = std::make_unique<Worker>();
    workers_[index]->id = std::string(id);
    workers_[index]->expires = absl::InfiniteFuture();
    present_.insert(index);
  }
  return workers_[index].get();
}

void Scheduler::Impl::SetExpiry(Index index, absl::Time when) {
  Worker& worker = *workers_[index];
  if (worker.expires != absl::InfiniteFuture()) expiries_.erase({worker.expires, index});
  worker.expires = when;
  if (when != absl::InfiniteFuture()) expiries_.emplace(when, index);
}

void Scheduler::Impl::WorkerConnected(const WorkerSpec& spec) {
  Worker* worker = WorkerRecord(spec.id);
  const Index index = IndexOf(worker);
  const absl::flat_hash_set<std::pair<JobId, uint32_t>> held = [&spec] {
    absl::flat_hash_set<std::pair<JobId, uint32_t>> keys;
    for (const AttemptId& id : spec.attempts) keys.emplace(id.job, id.epoch);
    return keys;
  }();

  Unreserve(worker);
  worker->capacity = spec.capacity;
  worker->capacity.cores = std::max<uint32_t>(1, spec.capacity.cores);
  worker->catalog = CatalogOf(spec);
  worker->connected = true;
  worker->silent = false;
  worker->warm_models = {names_.Of("")};
  worker->can_ever_fit.clear();
  SetExpiry(index, now_ + options_.lease_term);

  for (const AttemptId& id : spec.attempts) {
    const Index live = FindLive(id);
    if (live == kNone || attempts_[live].worker != index) {
      decisions_.push_back(Revoke{spec.id, id.job, id.epoch, "its lease has ended"});
    }
  }
  // What it does not hold any more is free again; what was being stopped there is forgotten.
  for (Index attempt : std::vector<Index>(worker->attempts)) {
    const AttemptId id{attempts_[attempt].job_id, attempts_[attempt].epoch};
    const bool live = !attempts_[attempt].stopping;
    if (live && held.contains({id.job, id.epoch})) continue;
    const Index job = attempts_[attempt].job;
    if (live) {
      decisions_.push_back(Revoke{spec.id, id.job, id.epoch, "the worker came back without it"});
      Detach(attempt);
    }
    Vacate(attempt);
    if (live) Lost(job);
  }
  worker->free_cores = worker->capacity.cores;
  worker->free_memory = static_cast<int64_t>(worker->capacity.memory_bytes);
  const size_t gpus = std::min<size_t>(worker->capacity.gpu_memory_bytes.size(), 64);
  worker->capacity.gpu_memory_bytes.resize(gpus);
  worker->free_gpus = gpus == 64 ? ~uint64_t{0} : (uint64_t{1} << gpus) - 1;
  for (Index attempt : worker->attempts) {
    attempts_[attempt].gpus = 0;
    Occupy(&attempts_[attempt], worker);
    const Index model = trials_[attempts_[attempt].trial].model;
    if (!Contains(worker->warm_models, model)) worker->warm_models.push_back(model);
  }
  WorkersChanged();
}

void Scheduler::Impl::WorkerGone(absl::string_view id) {
  Worker* worker = FindWorker(id);
  if (worker == nullptr || !worker->connected) return;
  worker->connected = false;
  Unreserve(worker);
  for (Index attempt : std::vector<Index>(worker->attempts)) {
    if (attempts_[attempt].stopping) Vacate(attempt);
  }
  if (worker->silent) SetExpiry(IndexOf(worker), now_ + options_.lease_term);
  worker->silent = false;
  WorkersChanged();
}

void Scheduler::Impl::Heartbeat(absl::string_view id, absl::Span<const AttemptId> running,
                                absl::Span<const std::string> warm_models) {
  Worker* worker = FindWorker(id);
  if (worker == nullptr || !worker->connected) return;
  const Index index = IndexOf(worker);
  SetExpiry(index, now_ + options_.lease_term);
  if (worker->silent) {
    worker->silent = false;
    WorkersChanged();
  }
  worker->warm_models = {names_.Of("")};
  for (const std::string& model : warm_models) worker->warm_models.push_back(names_.Of(model));

  absl::flat_hash_set<std::pair<JobId, uint32_t>> reported;
  for (const AttemptId& attempt : running) {
    reported.emplace(attempt.job, attempt.epoch);
    const Index live = FindLive(attempt);
    if (live != kNone && attempts_[live].worker == index) continue;
    if (stopping_.contains({attempt.job, attempt.epoch})) continue;  // it has been told
    decisions_.push_back(Revoke{worker->id, attempt.job, attempt.epoch, "its lease has ended"});
  }
  for (Index attempt : std::vector<Index>(worker->attempts)) {
    const Attempt& record = attempts_[attempt];
    if (record.stopping) {
      if (!reported.contains({record.job_id, record.epoch})) Vacate(attempt);
      continue;
    }
    const Index model = trials_[record.trial].model;
    if (!Contains(worker->warm_models, model)) worker->warm_models.push_back(model);
  }
}

void Scheduler::Impl::DrainWorker(absl::string_view id) {
  Worker* worker = FindWorker(id);
  if (worker == nullptr || worker->draining) return;
  worker->draining = true;
  Unreserve(worker);
  WorkersChanged();
}

void Scheduler::Impl::Expire(Index index) {
  Worker* worker = workers_[index].get();
  const absl::Duration silence = options_.lease_term;
  SetExpiry(index, absl::InfiniteFuture());
  worker->silent = true;
  Unreserve(worker);
  while (!worker->attempts.empty()) {
    const Index attempt = worker->attempts.back();
    if (attempts_[attempt].stopping) {
      Vacate(attempt);
      continue;
    }
    const Index job = attempts_[attempt].job;
    RevokeAttempt(attempt, absl::StrCat("no sign of life from its worker for ",
                                        absl::FormatDuration(silence)));
    Lost(job);
  }
  if (!worker->connected) {
    std::erase(dirty_workers_, index);
    present_.erase(index);
    workers_[index].reset();
  }
  WorkersChanged();
}

void Scheduler::Impl::WorkersChanged() {
  ++workers_version_;
  available_cores_ = 0;
  for (Index index : present_) {
    if (workers_[index]->available()) available_cores_ += workers_[index]->capacity.cores;
  }
}

void Scheduler::Impl::MarkDirty(Index index) {
  if (std::exchange(workers_[index]->dirty, true)) return;
  dirty_workers_.push_back(index);
}

void Scheduler::Impl::Unreserve(Worker* worker) {
  ReleaseWorkers();
  if (worker->reserved_for == nullptr) return;
  worker->reserved_for->reserved_worker = kNone;
  worker->reserved_for = nullptr;
  MarkDirty(IndexOf(worker));
}

void Scheduler::Impl::ReleaseWorkers() {
  for (Index index : waiting_.TakeReleasedWorkers()) {
    if (workers_[index] == nullptr) continue;
    workers_[index]->reserved_for = nullptr;
    MarkDirty(index);
  }
}

Index Scheduler::Impl::CatalogOf(const WorkerSpec& spec) {
  Catalog catalog;
  for (const std::string& method : spec.methods) catalog.methods.push_back(names_.Of(method));
  for (const std::string& suite : spec.suites) catalog.suites.push_back(names_.Of(suite));
  // A job that names no method or suite runs anywhere.
  catalog.methods.push_back(names_.Of(""));
  catalog.suites.push_back(names_.Of(""));
  catalog.methods = SortedUnique(std::move(catalog.methods));
  catalog.suites = SortedUnique(std::move(catalog.suites));
  const auto [entry, is_new] =
      catalog_indices_.try_emplace(catalog, static_cast<Index>(catalogs_.size()));
  if (is_new) {
    catalogs_.push_back(std::move(catalog));
    RearrangeWaiting();
  }
  return entry->second;
}

Index Scheduler::Impl::CatalogsWith(Index method, Index suite) {
  const auto [known, is_new] = catalogs_with_.try_emplace({method, suite}, kNone);
  if (!is_new) return known->second;
  std::vector<Index> set;
  for (Index catalog = 0; catalog < catalogs_.size(); ++catalog) {
    const auto& [methods, suites] = catalogs_[catalog];
    if (std::binary_search(methods.begin(), methods.end(), method) &&
        std::binary_search(suites.begin(), suites.end(), suite)) {
      set.push_back(catalog);
    }
  }
  const auto [entry, is_new_set] =
      catalog_set_indices_.try_emplace(set, static_cast<Index>(catalog_sets_.size()));
  if (is_new_set) catalog_sets_.push_back(std::move(set));
  return known->second = entry->second;
}

// A new catalogue splits the pools anew. Rare: a worker with a new build.
void Scheduler::Impl::RearrangeWaiting() {
  catalogs_with_.clear();
  for (const auto& [id, sweep] : sweeps_) {
    std::vector<Index> jobs = waiting_.TakeAll(sweep.get());
    for (Index trial : sweep->trials) {
      trials_[trial].catalogs = CatalogsWith(trials_[trial].method, trials_[trial].suite);
    }
    std::sort(jobs.begin(), jobs.end(),
              [this](Index a, Index b) { return jobs_[a].id < jobs_[b].id; });
    for (Index job : jobs) {
      waiting_.Push(job, sweep.get(), KeyOf(jobs_[job]), trials_[jobs_[job].trial].model,
                    WaitingJobs::End::kBack);
    }
  }
  ReleaseWorkers();
}

// ---- Placement
// -----------------------------------------------------------------------------------------------------

bool Scheduler::Impl::CanEverRun(const Worker& worker, Index demand, Index catalogs) const {
  return worker.available() && CanEverFit(demands_[demand], worker.capacity) &&
         Contains(catalog_sets_[catalogs], worker.catalog);
}

bool Scheduler::Impl::CanRun(Index index, Pool* pool) {
  Worker& worker = *workers_[index];
  if (!worker.available()) return false;
  const Index demand = pool->key.demand;
  if (worker.can_ever_fit.size() <= demand) worker.can_ever_fit.resize(demands_.size(), -1);
  int8_t& fits = worker.can_ever_fit[demand];
  if (fits < 0) fits = CanEverFit(demands_[demand], worker.capacity) ? 1 : 0;
  if (fits == 0 || !Contains(catalog_sets_[pool->key.catalogs], worker.catalog)) return false;
  return !Contains(pool->key.failed_on, index) || !HasAlternative(pool);
}

bool Scheduler::Impl::HasAlternative(Pool* pool) {
  if (pool->alternative_version != workers_version_) {
    pool->alternative_version = workers_version_;
    pool->has_alternative =
        std::any_of(present_.begin(), present_.end(), [this, pool](Index index) {
          return !Contains(pool->key.failed_on, index) &&
                 CanEverRun(*workers_[index], pool->key.demand, pool->key.catalogs);
        });
  }
  return pool->has_alternative;
}

bool Scheduler::Impl::FitsNow(const Worker& worker, Index demand_index) const {
  const Demand& demand = demands_[demand_index];
  const int64_t cores = demand.cores == 0 ? worker.capacity.cores : demand.cores;
  if (worker.free_cores < cores) return false;
  if (demand.memory_bytes > 0 && worker.free_memory < static_cast<int64_t>(demand.memory_bytes)) {
    return false;
  }
  if (demand.gpus == 0) return true;
  uint32_t gpus = 0;
  for (size_t gpu = 0; gpu < worker.capacity.gpu_memory_bytes.size(); ++gpu) {
    gpus += (worker.free_gpus >> gpu & 1) != 0 &&
            worker.capacity.gpu_memory_bytes[gpu] >= demand.gpu_memory_bytes;
  }
  return gpus >= demand.gpus;
}

bool Scheduler::Impl::Takes(Index index, Pool* pool) {
  const Worker& worker = *workers_[index];
  if (worker.reserved_for != nullptr && worker.reserved_for != pool) return false;
  return FitsNow(worker, pool->key.demand) && CanRun(index, pool);
}

// What an attempt costs its sweep, in cores: the largest share that it takes of anything its worker
// has, as if that were its share of the cores.
double Scheduler::Impl::ChargeRate(const Worker& worker, const Demand& demand) const {
  const auto share = [](double part, double whole) { return whole > 0 ? part / whole : 0; };
  const double cores = worker.capacity.cores;
  const double largest =
      std::max({demand.cores == 0 ? 1.0 : share(demand.cores, cores),
                share(static_cast<double>(demand.memory_bytes),
                      static_cast<double>(worker.capacity.memory_bytes)),
                share(demand.gpus, static_cast<double>(worker.capacity.gpu_memory_bytes.size()))});
  return largest * cores;
}

double Scheduler::Impl::ExpectedSeconds(const Trial& trial, const Job& job) const {
  const Pace& pace = trial.pace.samples > 0 ? trial.pace : trial.sweep->pace;
  if (pace.samples == 0) return 0;
  return pace.seconds / static_cast<double>(pace.samples) * (job.end - job.begin);
}

void Scheduler::Impl::Begin(absl::Time now) {
  if (now_ != absl::InfinitePast() && now - now_ > options_.lease_term / 2) {
    // This process stood still, and with it what the workers sent: their silence says nothing.
    for (Index index : present_) {
      if (workers_[index]->expires != absl::InfiniteFuture()) {
        SetExpiry(index, now + options_.lease_term);
      }
    }
  }
  now_ = std::max(now_, now);
}

Decisions Scheduler::Impl::End() {
  RunTimers();
  Dispatch();
  return std::exchange(decisions_, {});
}

void Scheduler::Impl::RunTimers() {
  while (!retries_.empty() && retries_.begin()->first <= now_) {
    const Index job = retries_.begin()->second;
    retries_.erase(retries_.begin());
    --SweepOf(jobs_[job])->backoff;
    Enqueue(job, WaitingJobs::End::kFront);
  }
  while (!stops_.empty() && stops_.begin()->first <= now_) Vacate(stops_.begin()->second);
  while (!expiries_.empty() && expiries_.begin()->first <= now_) Expire(expiries_.begin()->second);
}

absl::Time Scheduler::Impl::NextDeadline() const {
  absl::Time next = absl::InfiniteFuture();
  if (!retries_.empty()) next = std::min(next, retries_.begin()->first);
  if (!stops_.empty()) next = std::min(next, stops_.begin()->first);
  // Often enough that Begin() can tell a standstill from a worker's silence.
  if (!expiries_.empty()) {
    next = std::min({next, expiries_.begin()->first, now_ + options_.lease_term / 4});
  }
  if (!ending_.empty()) next = std::min(next, next_straggler_check_);
  return next;
}

// Workers that may have got room for something that waits. Those left out were tried before, and
// nothing that they could take has come since.
std::vector<Index> Scheduler::Impl::Candidates() {
  const bool all = dispatched_version_ != workers_version_;
  dispatched_version_ = workers_version_;
  const std::vector<Pool*> fresh = waiting_.TakeFresh();
  std::vector<Index> candidates;
  if (all || !fresh.empty()) {
    for (Index index : present_) {
      if (all || workers_[index]->dirty ||
          std::any_of(fresh.begin(), fresh.end(),
                      [this, index](Pool* pool) { return Takes(index, pool); })) {
        candidates.push_back(index);
      }
    }
  } else {
    candidates = dirty_workers_;
    std::sort(candidates.begin(), candidates.end());
  }
  for (Index index : dirty_workers_) workers_[index]->dirty = false;
  dirty_workers_.clear();
  std::erase_if(candidates, [this](Index index) {
    return !workers_[index]->available() || workers_[index]->free_cores <= 0;
  });
  return candidates;
}

void Scheduler::Impl::Dispatch() {
  ReleaseWorkers();
  if (dispatched_version_ != workers_version_) {
    // With another worker to go to, a pool may shun the one that is being cleared for it.
    for (Index index : present_) {
      Worker* worker = workers_[index].get();
      if (worker->reserved_for != nullptr && !CanRun(index, worker->reserved_for)) {
        Unreserve(worker);
      }
    }
  }
  std::vector<Index> candidates = Candidates();
  while (!candidates.empty()) {
    JobQueue* best = nullptr;
    for (Pool* pool : waiting_.active()) {
      JobQueue* top = *pool->order.begin();
      if (best != nullptr) {
        const bool older = top->sweep == best->sweep &&
                           jobs_[top->lanes[0].head].id < jobs_[best->lanes[0].head].id;
        if (!older && !Fairer()(top, best)) continue;
      }
      if (std::any_of(candidates.begin(), candidates.end(),
                      [this, pool](Index index) { return Takes(index, pool); })) {
        best = top;
      }
    }
    if (best == nullptr) break;
    if (ReserveForPassedOver(*best, candidates)) continue;
    const Index worker = PickWorker(best, candidates);
    const auto [queue, lane] = PickLane(worker, best);
    Pool* pool = queue->pool;
    pool->passed_over_since = absl::InfiniteFuture();
    if (pool->reserved_worker != kNone) {
      Worker* reserved = workers_[pool->reserved_worker].get();
      Unreserve(reserved);
    }
    Start(worker, waiting_.PopFront(queue, lane), false);
    ReleaseWorkers();
    if (!dirty_workers_.empty()) {  // a reservation has ended
      for (Index index : Candidates()) {
        if (!Contains(candidates, index)) candidates.push_back(index);
      }
    }
    if (workers_[worker]->free_cores <= 0) std::erase(candidates, worker);
  }
  if (!ending_.empty() && now_ >= next_straggler_check_) BackUpStragglers();
}

// `chosen` is about to be served. A fairer queue that would fit one of the candidates if that were
// emptier is being passed over; once that has lasted too long the candidate is kept for it. True
// when a candidate was so taken.
bool Scheduler::Impl::ReserveForPassedOver(const JobQueue& chosen,
                                           const std::vector<Index>& candidates) {
  for (Pool* pool : waiting_.active()) {
    if (pool == chosen.pool || pool->reserved_worker != kNone) continue;
    if (!Fairer()(*pool->order.begin(), &chosen)) continue;
    for (Index index : candidates) {
      Worker* worker = workers_[index].get();
      if (worker->reserved_for != nullptr || !CanRun(index, pool)) continue;
      if (pool->passed_over_since == absl::InfiniteFuture()) pool->passed_over_since = now_;
      const Sweep& first = *(*pool->order.begin())->sweep;
      // In virtual time: reserve_after of all the worker's cores.
      const double patience =
          absl::ToDoubleSeconds(options_.reserve_after) * worker->capacity.cores / first.weight;
      const bool lags = first.priority == chosen.sweep->priority &&
                        chosen.sweep->virtual_time - first.virtual_time > patience;
      if (!lags && now_ - pool->passed_over_since < options_.reserve_after) break;
      pool->reserved_worker = index;
      worker->reserved_for = pool;
      return true;
    }
  }
  return false;
}

// Among the candidates that take the queue's jobs: one that was cleared for them, one that holds a
// model of theirs, one whose GPUs are not wasted, the emptiest.
Index Scheduler::Impl::PickWorker(JobQueue* queue, const std::vector<Index>& candidates) {
  if (candidates.size() == 1) return candidates[0];
  const bool wants_gpu = demands_[queue->pool->key.demand].gpus > 0;
  Index best = kNone;
  std::tuple<bool, bool, int, int64_t> best_score;
  for (Index index : candidates) {
    if (!Takes(index, queue->pool)) continue;
    const Worker& worker = *workers_[index];
    const std::tuple<bool, bool, int, int64_t> score = {
        worker.reserved_for == queue->pool, WarmLane(worker, queue) != nullptr,
        wants_gpu ? 0 : -std::popcount(worker.free_gpus), worker.free_cores};
    if (best == kNone || score > best_score) {
      best = index;
      best_score = score;
    }
  }
  return best;
}

Lane* Scheduler::Impl::WarmLane(const Worker& worker, JobQueue* queue) const {
  for (Lane& lane : queue->lanes) {
    if (Contains(worker.warm_models, lane.model)) return &lane;
  }
  return nullptr;
}

// What of the queue the worker takes. Rather than load another model it goes on a little with the
// sweep that it served last, if that has the same priority.
std::pair<JobQueue*, Lane*> Scheduler::Impl::PickLane(Index index, JobQueue* queue) {
  const Worker& worker = *workers_[index];
  if (Lane* lane = WarmLane(worker, queue)) return {queue, lane};
  const auto last = sweeps_.find(worker.last_sweep);
  if (last != sweeps_.end() && last->second->priority == queue->sweep->priority) {
    const Sweep& sweep = *last->second;
    const double slack =
        absl::ToDoubleSeconds(options_.warm_slack) * worker.capacity.cores / sweep.weight;
    if (sweep.virtual_time - queue->sweep->virtual_time <= slack) {
      for (const auto& other : sweep.queues) {
        if (!other->in_order || !Takes(index, other->pool)) continue;
        if (Lane* lane = WarmLane(worker, other.get())) return {other.get(), lane};
      }
    }
  }
  return {queue, &queue->lanes[0]};
}

void Scheduler::Impl::BackUpStragglers() {
  next_straggler_check_ = now_ + kStragglerInterval;
  std::vector<Index> idle;
  for (Index index : present_) {
    const Worker& worker = *workers_[index];
    if (worker.available() && worker.free_cores > 0 && worker.reserved_for == nullptr) {
      idle.push_back(index);
    }
  }
  for (SweepId id : std::vector<SweepId>(ending_.begin(), ending_.end())) {
    if (idle.empty()) return;
    for (Index index : std::vector<Index>(sweeps_.at(id)->attempts)) {
      const Attempt& attempt = attempts_[index];
      const Trial& trial = trials_[attempt.trial];
      const Job& job = jobs_[attempt.job];
      if (trial.ordered || attempt.twin != kNone) continue;
      const double expected = ExpectedSeconds(trial, job);
      if (expected == 0) continue;
      const absl::Duration patience =
          std::max(options_.straggler_least, absl::Seconds(options_.straggler_factor * expected));
      if (now_ - attempt.started < patience) continue;
      const auto place = std::find_if(idle.begin(), idle.end(), [&](Index worker) {
        return worker != attempt.worker && !Contains(job.failed_on, worker) &&
               CanEverRun(*workers_[worker], trial.demand, trial.catalogs) &&
               FitsNow(*workers_[worker], trial.demand);
      });
      if (place == idle.end()) continue;
      Start(*place, attempt.job, true);
      if (workers_[*place]->free_cores <= 0) idle.erase(place);
    }
  }
}

// ---- Questions
// -----------------------------------------------------------------------------------------------------

Scheduler::SweepCounts Scheduler::Impl::CountsOf(SweepId id) const {
  const auto entry = sweeps_.find(id);
  if (entry == sweeps_.end()) return {};
  const Sweep& sweep = *entry->second;
  return {
      .waiting = sweep.waiting + sweep.backoff, .running = sweep.running, .failed = sweep.failed};
}

std::string Scheduler::Impl::WhyIdle(SweepId id) const {
  const auto entry = sweeps_.find(id);
  if (entry == sweeps_.end()) return "";
  const Sweep& sweep = *entry->second;
  if (sweep.running > 0 || sweep.waiting + sweep.backoff == 0) return "";
  if (sweep.waiting == 0) return "jobs that failed wait to be tried again";

  const Trial& trial = trials_[jobs_[sweep.queues[0]->lanes[0].head].trial];
  bool any = false, any_method = false, any_suite = false, any_draining = false;
  std::string misfit;
  for (Index index : present_) {
    const Worker& worker = *workers_[index];
    if (!worker.connected || worker.silent) continue;
    any = true;
    const Catalog& catalog = catalogs_[worker.catalog];
    const bool method =
        std::binary_search(catalog.methods.begin(), catalog.methods.end(), trial.method);
    const bool suite =
        std::binary_search(catalog.suites.begin(), catalog.suites.end(), trial.suite);
    any_method |= method;
    any_suite |= method && suite;
    if (!method || !suite) continue;
    std::string why;
    if (!CanEverFit(demands_[trial.demand], worker.capacity, &why)) {
      misfit = absl::StrCat("worker ", worker.id, " is too small: a job ", why);
      continue;
    }
    if (!worker.draining) return "it waits for its turn: the workers are busy";
    any_draining = true;
  }
  if (!any) return "no worker is connected";
  if (!any_method) {
    return absl::StrCat("no connected worker has the method ", names_.Text(trial.method));
  }
  if (!any_suite) {
    return absl::StrCat("no connected worker has the suite ", names_.Text(trial.suite));
  }
  return any_draining ? "the workers are being drained" : misfit;
}

std::vector<AttemptId> Scheduler::Impl::AttemptsOf(absl::string_view id) const {
  std::vector<AttemptId> live;
  const Worker* worker = FindWorker(id);
  if (worker == nullptr) return live;
  for (Index attempt : worker->attempts) {
    if (attempts_[attempt].stopping) continue;
    live.push_back({attempts_[attempt].job_id, attempts_[attempt].epoch});
  }
  return live;
}

bool Scheduler::Impl::IsDraining(absl::string_view id) const {
  const Worker* worker = FindWorker(id);
  return worker != nullptr && worker->draining;
}

// ---- The interface
// -------------------------------------------------------------------------------------------------

Scheduler::Scheduler(SchedulerOptions options) : impl_(std::make_unique<Impl>(options)) {}
Scheduler::~Scheduler() = default;

void Scheduler::AddSweep(const SweepSpec& sweep) { impl_->AddSweep(sweep); }
void Scheduler::AddTrial(const TrialSpec& trial) { impl_->AddTrial(trial); }
void Scheduler::AddJob(const JobSpec& job) { impl_->AddJob(job); }
void Scheduler::RestoreLease(const AttemptId& attempt, absl::string_view worker, absl::Time now) {
  impl_->RestoreLease(attempt, worker, now);
}
Decisions Scheduler::StartSweep(SweepId sweep, absl::Time now) {
  impl_->Begin(now);
  impl_->StartSweep(sweep);
  return impl_->End();
}
Decisions Scheduler::CancelSweep(SweepId sweep, absl::Time now) {
  impl_->Begin(now);
  impl_->CancelSweep(sweep);
  return impl_->End();
}
void Scheduler::ForgetFailures(SweepId sweep) { impl_->ForgetFailures(sweep); }
Decisions Scheduler::WorkerConnected(const WorkerSpec& worker, absl::Time now) {
  impl_->Begin(now);
  impl_->WorkerConnected(worker);
  return impl_->End();
}
Decisions Scheduler::WorkerGone(absl::string_view worker, absl::Time now) {
  impl_->Begin(now);
  impl_->WorkerGone(worker);
  return impl_->End();
}
Decisions Scheduler::Heartbeat(absl::string_view worker, absl::Span<const AttemptId> running,
                               absl::Span<const std::string> warm_models, absl::Time now) {
  impl_->Begin(now);
  impl_->Heartbeat(worker, running, warm_models);
  return impl_->End();
}
Decisions Scheduler::DrainWorker(absl::string_view worker, absl::Time now) {
  impl_->Begin(now);
  impl_->DrainWorker(worker);
  return impl_->End();
}
Decisions Scheduler::AttemptDone(const AttemptId& attempt, absl::Time now) {
  impl_->Begin(now);
  impl_->AttemptDone(attempt);
  return impl_->End();
}
Decisions Scheduler::AttemptFailed(const AttemptId& attempt, absl::Time now) {
  impl_->Begin(now);
  impl_->AttemptFailed(attempt);
  return impl_->End();
}
Decisions Scheduler::AttemptRefused(const AttemptId& attempt, absl::Time now) {
  impl_->Begin(now);
  impl_->AttemptRefused(attempt);
  return impl_->End();
}
Decisions Scheduler::AttemptCancelled(const AttemptId& attempt, absl::Time now) {
  impl_->Begin(now);
  impl_->AttemptCancelled(attempt);
  return impl_->End();
}
Decisions Scheduler::Tick(absl::Time now) {
  impl_->Begin(now);
  return impl_->End();
}
absl::Time Scheduler::NextDeadline() const { return impl_->NextDeadline(); }
bool Scheduler::IsLive(const AttemptId& attempt) const { return impl_->IsLive(attempt); }
Scheduler::SweepCounts Scheduler::CountsOf(SweepId sweep) const { return impl_->CountsOf(sweep); }
bool Scheduler::HasSweep(SweepId sweep) const { return impl_->HasSweep(sweep); }
std::string Scheduler::WhyIdle(SweepId sweep) const { return impl_->WhyIdle(sweep); }
std::vector<AttemptId> Scheduler::AttemptsOf(absl::string_view worker) const {
  return impl_->AttemptsOf(worker);
}
bool Scheduler::IsDraining(absl::string_view worker) const { return impl_->IsDraining(worker); }

}  // namespace entrobench
