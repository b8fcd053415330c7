// Sweeps, trials and jobs: how they come, wait and end.
#include "coordinator/scheduler/scheduler_impl.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/random.h"

namespace entrobench {

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
  if (FindLive(id) != kNone) return;
  if (job.attempt != kNone && attempts_[job.attempt].twin != kNone) return;  // two are the most
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

}  // namespace entrobench
