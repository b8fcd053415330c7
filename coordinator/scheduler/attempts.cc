// Attempts: how they start, occupy their worker and end.
#include "coordinator/scheduler/scheduler_impl.h"

#include "absl/strings/str_cat.h"

namespace entrobench {
namespace {

// Charged for a job of a sweep of which none has finished yet.
constexpr double kUnknownSeconds = 1;

// What an attempt costs at least, so that sweeps of very short jobs take turns too.
constexpr double kLeastSeconds = 0.001;

}  // namespace

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

}  // namespace entrobench
