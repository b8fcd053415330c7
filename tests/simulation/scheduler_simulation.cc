#include "tests/simulation/scheduler_simulation.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace entrobench {
namespace {

constexpr uint64_t kGiB = 1ull << 30;
constexpr absl::Duration kBeat = absl::Seconds(5);
constexpr absl::Duration kLimit = absl::Hours(6);

}  // namespace

SchedulerSimulation::SchedulerSimulation(uint64_t seed)
    : random_(seed, 0), calm_from_(now_ + absl::Minutes(5)) {
  scheduler_ = std::make_unique<Scheduler>(options_);
  MakeMachines();
  MakeSweeps();
}

void SchedulerSimulation::MakeMachines() {
  const uint64_t count = 1 + random_.Below(5);
  for (uint64_t i = 0; i < count; ++i) {
    Machine& machine = machines_.emplace_back();
    machine.spec.id = absl::StrCat("w", i);
    machine.spec.capacity.cores = static_cast<uint32_t>(1 + random_.Below(4));
    machine.spec.capacity.memory_bytes = (2 + random_.Below(7)) * kGiB;
    for (uint64_t gpu = random_.Below(3); gpu > 0; --gpu) {
      machine.spec.capacity.gpu_memory_bytes.push_back((8 + 8 * random_.Below(3)) * kGiB);
    }
    if (Happens(0.5)) machine.spec.capacity.labels.push_back("ssd");
    machine.spec.methods = {"greedy@1"};
    if (i == 0 || Happens(0.7)) machine.spec.methods.push_back("top-h@2");
    machine.spec.suites = {"arith"};
    machine.speed = Happens(0.2) ? 0.1 : 0.7 + 0.6 * random_.Uniform();
    machine.failure_rate = Happens(0.2) ? 0.5 : 0.05;
    machine.changes = now_ + About(absl::Seconds(60));
    machine.next_beat = now_;
  }
}

void SchedulerSimulation::MakeSweeps() {
  const uint64_t count = 1 + random_.Below(4);
  TrialId next_trial = 1;
  JobId next_job = 1;
  for (SweepId id = 1; id <= count; ++id) {
    SweepRow& sweep = sweeps_[id];
    sweep.spec = {.id = id,
                  .weight = 0.5 + static_cast<double>(random_.Below(4)),
                  .priority = Happens(0.2) ? 1 : 0};
    sweep.submit_at = now_ + absl::Seconds(60) * random_.Uniform();
    for (uint64_t trials = 1 + random_.Below(3); trials > 0; --trials) {
      TrialRow& trial = trials_[next_trial];
      do {
        trial.spec = {.id = next_trial,
                      .sweep = id,
                      .model = absl::StrCat("m", random_.Below(3)),
                      .method = Happens(0.5) ? "greedy@1" : "top-h@2",
                      .suite = "arith",
                      .demand = {.cores = static_cast<uint32_t>(random_.Below(4)),
                                 .memory_bytes = random_.Below(4) * kGiB,
                                 .gpus = static_cast<uint32_t>(Happens(0.3) ? 1 : 0),
                                 .gpu_memory_bytes = random_.Below(3) * 8 * kGiB},
                      .ordered = Happens(0.3)};
        if (Happens(0.2)) trial.spec.demand.labels.push_back("ssd");
      } while (std::none_of(machines_.begin(), machines_.end(),
                            [&trial](const Machine& m) { return CanRun(m, trial.spec); }));
      sweep.trials.push_back(next_trial);
      for (uint64_t jobs = trial.spec.ordered ? 1 : 1 + random_.Below(8); jobs > 0; --jobs) {
        trial.jobs.push_back(next_job);
        jobs_[next_job].id = next_job;
        jobs_[next_job].trial = next_trial;
        ++next_job;
      }
      ++next_trial;
    }
  }
}

SchedulerSimulation::Machine* SchedulerSimulation::Find(const std::string& id) {
  for (Machine& machine : machines_) {
    if (machine.spec.id == id) return &machine;
  }
  return nullptr;
}

bool SchedulerSimulation::CanRun(const Machine& machine, const TrialSpec& trial) {
  const auto& methods = machine.spec.methods;
  return std::find(methods.begin(), methods.end(), trial.method) != methods.end() &&
         CanEverFit(trial.demand, machine.spec.capacity);
}

void SchedulerSimulation::Wrong(const std::string& what) {
  wrong_.push_back(absl::StrCat(
      "at ", absl::ToDoubleSeconds(now_ - absl::FromUnixSeconds(1'000'000)), " s: ", what));
}

// ---- What happens ------------------------------------------------------------------------------

std::vector<std::string> SchedulerSimulation::Run() {
  const absl::Time limit = now_ + kLimit;
  while (wrong_.size() < 5) {
    const bool all_ended = std::all_of(sweeps_.begin(), sweeps_.end(), [](const auto& entry) {
      return entry.second.end.has_value();
    });
    if (all_ended && now_ >= calm_from_) break;
    if (now_ > limit) {
      Wrong("not all sweeps have ended");
      break;
    }
    ++events_.steps;
    now_ += About(absl::Seconds(1.5));
    for (Machine& machine : machines_) Move(&machine);
    for (Machine& machine : machines_) ReportEnds(&machine);
    People();
    Apply(scheduler_->Tick(now_));
    Check();
  }
  return wrong_;
}

// Crashes, partitions and returns; heartbeats.
void SchedulerSimulation::Move(Machine* machine) {
  const bool calm = now_ >= calm_from_;
  if (now_ >= machine->changes) {
    machine->changes = now_ + About(absl::Seconds(machine->up && machine->reachable ? 15 : 90));
    if (!machine->up || !machine->reachable) {
      machine->up = machine->reachable = true;
      if (machine
              ->connected) {  // the coordinator did not notice; the worker dials anew all the same
        Connect(machine);
      }
    } else if (calm && !machine->draining) {
      machine->changes = absl::InfiniteFuture();
    } else {
      const bool crash = calm || Happens(0.5);
      if (crash) {
        ++events_.crashes;
        machine->up = false;
        machine->running.clear();
        // Long enough away to be forgotten, and its draining with it.
        if (calm) machine->changes = now_ + 2 * options_.lease_term;
      } else {
        ++events_.partitions;
        machine->reachable = false;
      }
      // Either its stream breaks or it falls silent.
      if (machine->connected && (calm || Happens(0.6))) {
        machine->connected = false;
        Apply(scheduler_->WorkerGone(machine->spec.id, now_));
      }
    }
  }
  // Else draining is forgotten only with a worker that has been away for a lease term.
  if (machine->draining && !scheduler_->IsDraining(machine->spec.id)) {
    if (machine->connected || now_ - machine->heard < options_.lease_term) {
      Wrong(absl::StrCat(machine->spec.id, " drains no more"));
    }
    machine->draining = false;
  }
  if (!machine->up || !machine->reachable) return;
  if (!machine->connected) {
    if (Happens(0.5)) Connect(machine);
  } else if (now_ >= machine->next_beat) {
    machine->next_beat = now_ + kBeat;
    machine->heard = now_;
    std::vector<AttemptId> running;
    for (const auto& [key, attempt] : machine->running) running.push_back({key.first, key.second});
    const std::vector<std::string> warm = {absl::StrCat("m", random_.Below(3))};
    Apply(scheduler_->Heartbeat(machine->spec.id, running, warm, now_));
  }
}

void SchedulerSimulation::Connect(Machine* machine) {
  machine->connected = true;
  machine->heard = now_;
  machine->next_beat = now_ + kBeat;
  WorkerSpec spec = machine->spec;
  for (const auto& [key, attempt] : machine->running) {
    spec.attempts.push_back({key.first, key.second});
  }
  if (spec.attempts.empty()) machine->draining = false;  // it has come back anew
  Apply(scheduler_->WorkerConnected(spec, now_));
}

void SchedulerSimulation::ReportEnds(Machine* machine) {
  if (!machine->connected || !machine->reachable) return;
  const auto running = machine->running;  // reports change it
  for (const auto& [key, attempt] : running) {
    if (attempt.ends > now_ || machine->running.erase(key) == 0) continue;
    const AttemptId id{key.first, key.second};
    JobRow& job = jobs_.at(id.job);
    const bool live = job.live.erase(id.epoch) == 1;
    if (live) machine->heard = now_;
    switch (attempt.outcome) {
      case Outcome::kDone:
        if (live) job.done = true;
        events_.done += live;
        Apply(scheduler_->AttemptDone(id, now_));
        break;
      case Outcome::kFailed:
        if (live) {
          ++events_.failures;
          job.failed_on.push_back(machine->spec.id);
          job.may_wait_until = now_ + options_.retry_limit;
        }
        Apply(scheduler_->AttemptFailed(id, now_));
        break;
      case Outcome::kRefused:
        if (live) job.refused = true;
        events_.refusals += live;
        Apply(scheduler_->AttemptRefused(id, now_));
        break;
      case Outcome::kCancelled:
        if (live) Wrong(absl::StrCat("live attempt of job ", id.job, " was told to stop"));
        Apply(scheduler_->AttemptCancelled(id, now_));
        break;
    }
  }
}

void SchedulerSimulation::People() {
  for (auto& [id, sweep] : sweeps_) {
    if (!sweep.submitted && now_ >= sweep.submit_at) {
      sweep.submitted = true;
      AddOpenJobs(&sweep);
      Apply(scheduler_->StartSweep(id, now_));
    }
  }
  if (now_ >= calm_from_) return;
  for (auto& [id, sweep] : sweeps_) {
    if (!sweep.submitted) continue;
    if (!sweep.end.has_value() && Happens(0.002)) {
      ++events_.cancels;
      Apply(scheduler_->CancelSweep(id, now_));
      if (!sweep.end.has_value()) Wrong(absl::StrCat("sweep ", id, " survived its cancellation"));
    }
    if (sweep.retries < 2 && Happens(0.02)) Retry(&sweep);
  }
  if (Happens(0.005)) {
    Machine& machine = machines_[random_.Below(machines_.size())];
    if (machine.connected) {
      ++events_.drains;
      machine.draining = true;
      Apply(scheduler_->DrainWorker(machine.spec.id, now_));
    }
  }
  if (Happens(0.005)) RestartCoordinator();
}

// Failed and cancelled jobs run again.
void SchedulerSimulation::Retry(SweepRow* sweep) {
  bool any = false;
  for (TrialId trial : sweep->trials) {
    for (JobId id : trials_.at(trial).jobs) {
      JobRow& job = jobs_.at(id);
      if (!job.end.has_value() || job.end == EndState::kDone) continue;
      any = true;
      job.end.reset();
      job.failed_on.clear();
      job.losses = 0;
      job.refused = job.done = false;
      job.may_wait_until = now_;
    }
  }
  if (!any) return;
  ++events_.retries;
  ++sweep->retries;
  sweep->end.reset();
  sweep->known_failed = false;
  scheduler_->ForgetFailures(sweep->spec.id);
  AddOpenJobs(sweep);
  Apply(scheduler_->StartSweep(sweep->spec.id, now_));
}

void SchedulerSimulation::AddOpenJobs(SweepRow* sweep) {
  scheduler_->AddSweep(sweep->spec);
  for (TrialId trial : sweep->trials) {
    scheduler_->AddTrial(trials_.at(trial).spec);
    for (JobId id : trials_.at(trial).jobs) {
      const JobRow& job = jobs_.at(id);
      if (job.end.has_value()) continue;
      scheduler_->AddJob({.id = id,
                          .trial = trial,
                          .begin = id * 50,
                          .end = id * 50 + 50,
                          .last_epoch = job.last_epoch,
                          .failed_on = job.failed_on});
    }
  }
}

// Everything that was not in the store is gone.
void SchedulerSimulation::RestartCoordinator() {
  ++events_.restarts;
  scheduler_ = std::make_unique<Scheduler>(options_);
  for (Machine& machine : machines_) {
    machine.connected = machine.draining = false;
    machine.heard = now_;
  }
  for (auto& [id, sweep] : sweeps_) {
    if (!sweep.submitted || sweep.end.has_value()) continue;
    sweep.known_failed = false;
    AddOpenJobs(&sweep);
    for (TrialId trial : sweep.trials) {
      for (JobId job_id : trials_.at(trial).jobs) {
        JobRow& job = jobs_.at(job_id);
        job.losses = 0;
        for (const auto& [epoch, worker] : job.live) {
          scheduler_->RestoreLease({job_id, epoch}, worker, now_);
        }
      }
    }
  }
  for (auto& [id, sweep] : sweeps_) {
    if (sweep.submitted && !sweep.end.has_value()) Apply(scheduler_->StartSweep(id, now_));
  }
}

// ---- What is decided ---------------------------------------------------------------------------

void SchedulerSimulation::Apply(const Decisions& decisions) {
  for (const Decision& decision : decisions) {
    if (const auto* lease = std::get_if<Lease>(&decision)) ApplyLease(*lease);
    if (const auto* revoke = std::get_if<Revoke>(&decision)) ApplyRevoke(*revoke);
    if (const auto* job = std::get_if<JobEnded>(&decision)) ApplyJobEnded(*job);
    if (const auto* sweep = std::get_if<SweepEnded>(&decision)) ApplySweepEnded(*sweep);
  }
}

void SchedulerSimulation::ApplyLease(const Lease& lease) {
  ++events_.leases;
  events_.backups += lease.backup;
  const std::string what = absl::StrCat("job ", lease.job, " epoch ", lease.epoch);
  JobRow& job = jobs_.at(lease.job);
  const TrialSpec& trial = trials_.at(job.trial).spec;
  Machine* machine = Find(lease.worker);
  if (job.end.has_value()) Wrong(absl::StrCat(what, " leased after the job has ended"));
  if (lease.epoch <= job.last_epoch) Wrong(absl::StrCat(what, " given again"));
  if (lease.backup == job.live.empty()) Wrong(absl::StrCat(what, " is not what it says"));
  if (job.live.size() >= (trial.ordered ? 1u : 2u)) Wrong(absl::StrCat(what, " is one too many"));
  for (const auto& [epoch, worker] : job.live) {
    if (worker == lease.worker) Wrong(absl::StrCat(what, " runs where its twin runs"));
  }
  if (lease.begin != lease.job * 50 || lease.end != lease.job * 50 + 50 ||
      lease.trial != job.trial) {
    Wrong(absl::StrCat(what, " has other samples"));
  }
  if (!machine->connected || machine->draining) {
    Wrong(absl::StrCat(what, " leased to ", lease.worker, ", which takes nothing"));
  }
  if (!CanRun(*machine, trial)) Wrong(absl::StrCat(what, " cannot run on ", lease.worker));
  job.last_epoch = lease.epoch;
  job.live[lease.epoch] = lease.worker;
  if (!machine->reachable || !machine->up) return;  // the message is lost
  Running& running = machine->running[{lease.job, lease.epoch}];
  const absl::Duration length = About(absl::Seconds(12)) / machine->speed;
  running.ends = now_ + (Happens(0.03) ? 20 * length : length);
  if (Happens(machine->failure_rate)) {
    running.outcome = Happens(0.05) ? Outcome::kRefused : Outcome::kFailed;
  }
}

void SchedulerSimulation::ApplyRevoke(const Revoke& revoke) {
  JobRow& job = jobs_.at(revoke.job);
  Machine* machine = Find(revoke.worker);
  machine->revoked_at = now_;
  const auto live = job.live.find(revoke.epoch);
  if (live != job.live.end() && live->second == revoke.worker) {
    job.live.erase(live);
    if (absl::StartsWith(revoke.reason, "no sign of life") ||
        absl::StartsWith(revoke.reason, "the worker came back")) {
      ++job.losses;
      ++events_.losses;
      if (job.losses > 1) job.may_wait_until = now_ + options_.retry_limit;
    }
  }
  if (!machine->reachable) return;
  const auto running = machine->running.find({revoke.job, revoke.epoch});
  if (running == machine->running.end()) return;
  if (Happens(0.5)) {  // the worker says so a little later, or the next heartbeat shows it
    running->second = {now_ + absl::Seconds(0.5), Outcome::kCancelled};
  } else {
    machine->running.erase(running);
  }
}

void SchedulerSimulation::ApplyJobEnded(const JobEnded& ended) {
  const std::string what = absl::StrCat("job ", ended.job);
  JobRow& job = jobs_.at(ended.job);
  if (job.end.has_value()) Wrong(absl::StrCat(what, " ended twice"));
  if (!job.live.empty()) Wrong(absl::StrCat(what, " ended with a live attempt"));
  job.end = ended.state;
  if (ended.state == EndState::kDone) {
    if (!job.done) Wrong(absl::StrCat(what, " is done, but nobody did it"));
    return;
  }
  ++events_.failed_jobs;
  sweeps_.at(trials_.at(job.trial).spec.sweep).known_failed = true;
  const bool tried = static_cast<int>(job.failed_on.size()) >= options_.max_failures;
  if (!job.refused && !tried && job.losses < options_.max_losses) {
    Wrong(absl::StrCat(what, " failed too early: ", ended.reason));
  }
}

void SchedulerSimulation::ApplySweepEnded(const SweepEnded& ended) {
  SweepRow& sweep = sweeps_.at(ended.sweep);
  if (sweep.end.has_value()) Wrong(absl::StrCat("sweep ", ended.sweep, " ended twice"));
  sweep.end = ended.state;
  for (TrialId trial : sweep.trials) {
    for (JobId id : trials_.at(trial).jobs) {
      JobRow& job = jobs_.at(id);
      if (job.end.has_value()) continue;
      if (ended.state != EndState::kCancelled) Wrong(absl::StrCat("job ", id, " was forgotten"));
      if (!job.live.empty()) Wrong(absl::StrCat("job ", id, " runs on after its sweep"));
      job.end = EndState::kCancelled;
    }
  }
  const bool failed = ended.state == EndState::kFailed;
  if (ended.state != EndState::kCancelled && failed != sweep.known_failed) {
    Wrong(absl::StrCat("sweep ", ended.sweep, " ended in the wrong state"));
  }
}

// ---- What must hold after each step ------------------------------------------------------------

void SchedulerSimulation::Check() {
  struct Use {
    uint64_t cores = 0, memory = 0, gpus = 0;
  };
  std::map<std::string, Use> uses;
  std::vector<const JobRow*> waiting;
  for (const auto& [id, job] : jobs_) {
    const TrialSpec& trial = trials_.at(job.trial).spec;
    const SweepRow& sweep = sweeps_.at(trial.sweep);
    if (job.last_epoch > 0 &&
        scheduler_->IsLive({id, job.last_epoch}) != job.live.contains(job.last_epoch)) {
      Wrong(absl::StrCat("the scheduler errs on the life of job ", id));
    }
    for (const auto& [epoch, worker] : job.live) {
      const Capacity& capacity = Find(worker)->spec.capacity;
      Use& use = uses[worker];
      use.cores += trial.demand.cores == 0 ? capacity.cores : trial.demand.cores;
      use.memory += trial.demand.memory_bytes;
      use.gpus += trial.demand.gpus;
      if (!scheduler_->IsLive({id, epoch})) {
        Wrong(absl::StrCat("job ", id, " epoch ", epoch, " should be live"));
      }
    }
    if (sweep.submitted && !job.end.has_value() && job.live.empty()) waiting.push_back(&job);
  }
  for (const Machine& machine : machines_) {
    const std::string& id = machine.spec.id;
    const Capacity& capacity = machine.spec.capacity;
    const Use use = uses[id];
    if (use.cores > capacity.cores || use.memory > capacity.memory_bytes ||
        use.gpus > capacity.gpu_memory_bytes.size()) {
      Wrong(absl::StrCat(id, " has more on it than it has"));
    }
    if (!machine.connected || machine.draining || now_ - machine.heard >= options_.lease_term ||
        now_ - machine.revoked_at <= options_.revoke_grace + absl::Seconds(3)) {
      continue;
    }
    const JobRow* idle_for = nullptr;
    bool may_be_reserved = false;
    for (const JobRow* job : waiting) {
      const TrialSpec& trial = trials_.at(job->trial).spec;
      if (!CanRun(machine, trial)) continue;
      const Demand& demand = trial.demand;
      const uint64_t cores = demand.cores == 0 ? capacity.cores : demand.cores;
      // GPUs differ in memory, so which are free matters: only a worker with none in use is sure.
      const bool fits = use.cores + cores <= capacity.cores &&
                        use.memory + demand.memory_bytes <= capacity.memory_bytes &&
                        (demand.gpus == 0 || use.gpus == 0);
      if (!fits) {
        may_be_reserved = true;
      } else if (now_ >= job->may_wait_until &&
                 std::find(job->failed_on.begin(), job->failed_on.end(), id) ==
                     job->failed_on.end()) {
        idle_for = job;
      }
    }
    if (idle_for != nullptr && !may_be_reserved) {
      Wrong(absl::StrCat(id, " stands idle while job ", idle_for->id,
                         " waits: ", scheduler_->WhyIdle(trials_.at(idle_for->trial).spec.sweep)));
    }
  }
}

}  // namespace entrobench
