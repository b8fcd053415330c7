#include "coordinator/services/dispatcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/logging.h"
#include "common/status_macros.h"
#include "coordinator/services/worker_fit.h"
#include "coordinator/store/blocking.h"

namespace entrobench {
namespace {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string At(const std::string& id, const std::string& version) {
  return absl::StrCat(id, "@", version);
}

// A user's own suite is known to no evaluator by name: any worker of its family can run it.
std::string FamilyKey(const std::string& family) { return absl::StrCat("family:", family); }

WorkerSpec SpecOf(const v1::Hello& hello) {
  WorkerSpec spec;
  spec.id = hello.worker_id();
  spec.capacity = CapacityOf(hello.inventory());
  for (const v1::MethodInfo& method : hello.catalog().methods())
    spec.methods.push_back(At(method.id(), method.version()));
  for (const v1::SuiteInfo& suite : hello.catalog().suites()) {
    spec.suites.push_back(At(suite.id(), suite.version()));
    const std::string family = FamilyKey(suite.family());
    if (std::find(spec.suites.begin(), spec.suites.end(), family) == spec.suites.end())
      spec.suites.push_back(family);
  }
  for (const v1::AttemptKey& attempt : hello.attempts())
    spec.attempts.push_back({attempt.job_id(), attempt.epoch()});
  return spec;
}

TrialSpec SpecOf(const v1::Trial& trial) {
  TrialSpec spec;
  spec.id = trial.id();
  spec.sweep = trial.sweep_id();
  spec.model = trial.model().digest().empty() ? trial.model().name() : trial.model().digest();
  spec.method = At(trial.method().id(), trial.method().version());
  spec.suite = trial.suite().definition().empty() ? At(trial.suite().id(), trial.suite().version())
                                                  : FamilyKey(trial.suite().family());
  spec.demand = DemandOf(trial.resources());
  spec.ordered = trial.suite().ordered();
  return spec;
}

JobSpec SpecOf(const JobRecord& job) {
  JobSpec spec;
  spec.id = job.job_id;
  spec.trial = job.trial_id;
  spec.begin = job.samples.begin;
  spec.end = job.samples.end;
  spec.last_epoch = job.last_epoch;
  return spec;
}

std::map<uint64_t, std::vector<JobSpec>> ByTrial(const std::vector<JobRecord>& jobs) {
  std::map<uint64_t, std::vector<JobSpec>> by_trial;
  for (const JobRecord& job : jobs) by_trial[job.trial_id].push_back(SpecOf(job));
  return by_trial;
}

v1::AttemptKey KeyOf(uint64_t job, uint32_t epoch) {
  v1::AttemptKey key;
  key.set_job_id(job);
  key.set_epoch(epoch);
  return key;
}

}  // namespace

Dispatcher::Dispatcher(Store* store, DispatcherOptions options)
    : store_(store),
      options_(std::move(options)),
      scheduler_(options_.scheduler),
      executor_("dispatcher") {
  executor_.Post([this] { Tick(); });
}

Dispatcher::~Dispatcher() { executor_.Stop(); }

void Dispatcher::Tick() {
  Carry(scheduler_.Tick(absl::Now()));
  executor_.PostAfter(options_.tick, [this] { Tick(); });
}

absl::Status Dispatcher::Restore() {
  auto loaded = ReadNow(*store_, [](Reader& reader) { return reader.LoadForRestart(); });
  EB_RETURN_IF_ERROR(loaded.status());
  auto state = std::make_shared<RestartState>(*std::move(loaded));
  WaitFor<absl::Status>([&](const std::function<void(absl::Status)>& done) {
    executor_.Post([this, state, done] {
      const absl::Time now = absl::Now();
      std::map<uint64_t, std::vector<std::string>> failed_on;
      for (const FailedAttempt& failure : state->failures)
        failed_on[failure.job_id].push_back(failure.worker_id);
      std::map<uint64_t, std::vector<JobSpec>> jobs;  // by trial
      absl::flat_hash_map<uint64_t, uint64_t> trial_of;
      for (const JobRecord& job : state->jobs) {
        JobSpec spec = SpecOf(job);
        if (const auto found = failed_on.find(job.job_id); found != failed_on.end())
          spec.failed_on = found->second;
        jobs[job.trial_id].push_back(std::move(spec));
        trial_of[job.job_id] = job.trial_id;
      }
      for (const RestartSweep& sweep : state->sweeps) {
        scheduler_.AddSweep({sweep.status.id(), sweep.weight, sweep.priority});
        AddToScheduler(sweep.trials, jobs);
      }
      for (const OpenLease& lease : state->open_leases) {
        scheduler_.RestoreLease({lease.job_id, lease.epoch}, lease.worker_id, now);
        const auto trial = trials_.find(trial_of[lease.job_id]);
        if (trial == trials_.end()) continue;
        MutexLock lock(&mutex_);
        leased_[lease.job_id] = trial->second;
      }
      for (const RestartSweep& sweep : state->sweeps)
        Carry(scheduler_.StartSweep(sweep.status.id(), now));
      if (!state->sweeps.empty()) {
        EB_LOG(INFO) << "resumed " << state->sweeps.size() << " sweeps with " << state->jobs.size()
                     << " open jobs, " << state->open_leases.size() << " of them leased";
      }
      done(absl::OkStatus());
    });
  }).IgnoreError();
  return absl::OkStatus();
}

void Dispatcher::AddToScheduler(const std::vector<v1::TrialStatus>& trials,
                                const std::map<uint64_t, std::vector<JobSpec>>& jobs_by_trial) {
  for (const v1::TrialStatus& status : trials) {
    const v1::Trial& trial = status.trial();
    const auto jobs = jobs_by_trial.find(trial.id());
    if (jobs == jobs_by_trial.end()) continue;
    scheduler_.AddTrial(SpecOf(trial));
    trials_.try_emplace(trial.id(), std::make_shared<const v1::Trial>(trial));
    for (const JobSpec& job : jobs->second) scheduler_.AddJob(job);
  }
}

// ---- Decisions

void Dispatcher::Carry(Decisions decisions) {
  if (decisions.empty()) return;
  std::vector<Lease> leases;
  std::vector<ClosedAttempt> closed;
  for (Decision& decision : decisions) {
    std::visit(Overloaded{
                   [&](Lease& lease) { leases.push_back(std::move(lease)); },
                   [&](Revoke& revoke) {
                     closed.push_back({revoke.job, revoke.epoch, v1::AttemptEnd::OUTCOME_CANCELLED,
                                       revoke.reason});
                     v1::CoordinatorMessage message;
                     *message.mutable_revoke()->mutable_attempt() = KeyOf(revoke.job, revoke.epoch);
                     message.mutable_revoke()->set_reason(revoke.reason);
                     SendTo(revoke.worker, message);
                     EB_LOG(DEBUG) << "took job " << revoke.job << " (epoch " << revoke.epoch
                                   << ") from worker " << revoke.worker << ": " << revoke.reason;
                   },
                   [&](JobEnded& job) {
                     {
                       MutexLock lock(&mutex_);
                       leased_.erase(job.job);
                     }
                     if (job.state != EndState::kFailed)
                       return;  // the store knows: it reported the end
                     EB_LOG(WARNING) << "job " << job.job << " of trial " << job.trial
                                     << " failed: " << job.reason;
                     store_->FinishJob(job.job, v1::STATE_FAILED,
                                       [this](const absl::StatusOr<Progress>& progress) {
                                         if (progress.ok()) Touch(progress->sweep_id);
                                       });
                   },
                   [&](TrialEnded& trial) {
                     const auto found = trials_.find(trial.trial);
                     if (found == trials_.end()) return;
                     options_.trial_ended(*found->second);
                     trials_.erase(found);
                   },
                   [&](SweepEnded& sweep) { Touch(sweep.sweep); },
               },
               decision);
  }
  if (!closed.empty()) {
    store_->CloseAttempts(std::move(closed), [](const absl::Status& status) {
      if (!status.ok()) EB_LOG(ERROR) << "cannot close attempts: " << status.message();
    });
  }
  if (!leases.empty()) Commit(std::move(leases));
}

// The epoch must be durable before a worker hears of it: else a restart could give it twice.
void Dispatcher::Commit(std::vector<Lease> leases) {
  std::vector<LeaseRecord> records;
  records.reserve(leases.size());
  for (const Lease& lease : leases) {
    const auto trial = trials_.find(lease.trial);
    const auto worker = workers_.find(lease.worker);
    if (trial == trials_.end() || worker == workers_.end()) continue;
    const v1::Hello& hello = worker->second.hello;
    records.push_back({lease.job,
                       lease.epoch,
                       {hello.worker_id(), hello.name(), hello.inventory().host(), hello.build()},
                       /*starts_over=*/trial->second->suite().ordered()});
    MutexLock lock(&mutex_);
    leased_[lease.job] = trial->second;
  }
  store_->RecordLeases(
      std::move(records), [this, leases = std::move(leases)](const absl::Status& status) {
        executor_.Post([this, leases, status] {
          if (!status.ok()) {
            EB_LOG(ERROR) << "cannot record " << leases.size() << " leases: " << status.message();
            // Not the jobs' fault: give them back without counting it, but not in a hot loop.
            executor_.PostAfter(absl::Seconds(2), [this, leases] {
              for (const Lease& lease : leases)
                Carry(scheduler_.AttemptCancelled({lease.job, lease.epoch}, absl::Now()));
            });
            return;
          }
          std::vector<Lease> resumed;
          for (const Lease& lease : leases) {
            const auto trial = trials_.find(lease.trial);
            if (trial == trials_.end() || !scheduler_.IsLive({lease.job, lease.epoch})) continue;
            Touch(trial->second->sweep_id());
            // Samples may be there already from an earlier attempt or an earlier sweep: the new one
            // runs the rest. (Of an ordered trial there are none.)
            resumed.push_back(lease);
          }
          if (resumed.empty()) return;
          store_->Read([this, resumed = std::move(resumed)](Reader& reader) {
            std::vector<std::vector<uint64_t>> skips;
            skips.reserve(resumed.size());
            for (const Lease& lease : resumed) {
              auto existing = reader.ExistingSamples(lease.trial, {lease.begin, lease.end});
              skips.push_back(existing.ok() ? *std::move(existing) : std::vector<uint64_t>());
            }
            executor_.Post([this, resumed, skips = std::move(skips)] {
              for (size_t i = 0; i < resumed.size(); ++i) Start(resumed[i], skips[i]);
            });
          });
        });
      });
}

void Dispatcher::Start(const Lease& lease, const std::vector<uint64_t>& skip) {
  const auto trial = trials_.find(lease.trial);
  if (trial == trials_.end() || !scheduler_.IsLive({lease.job, lease.epoch})) return;
  v1::CoordinatorMessage message;
  v1::StartAttempt* start = message.mutable_start();
  *start->mutable_attempt() = KeyOf(lease.job, lease.epoch);
  *start->mutable_trial() = *trial->second;
  start->set_begin(lease.begin);
  start->set_end(lease.end);
  start->mutable_skip()->Add(skip.begin(), skip.end());
  SendTo(lease.worker, message);
}

void Dispatcher::SendTo(const std::string& worker_id, const v1::CoordinatorMessage& message) {
  const auto worker = workers_.find(worker_id);
  if (worker != workers_.end() && worker->second.link != nullptr)
    worker->second.link->Send(message);
}

// ---- Worker streams

Dispatcher::Worker* Dispatcher::WorkerOf(const std::shared_ptr<WorkerLink>& link) {
  for (auto& [id, worker] : workers_) {
    if (worker.link == link) return &worker;
  }
  return nullptr;
}

void Dispatcher::Hello(const std::shared_ptr<WorkerLink>& link, v1::Hello hello) {
  if (hello.worker_id().empty()) {
    link->Close(absl::InvalidArgumentError("Hello without a worker id"));
    return;
  }
  // The catalogue is in the store before anything can be submitted for it.
  auto shared = std::make_shared<v1::Hello>(std::move(hello));
  store_->RecordHello(*shared, [this, link, shared](const absl::Status& status) {
    if (!status.ok()) {
      link->Close(
          absl::UnavailableError(absl::StrCat("cannot record the worker: ", status.message())));
      return;
    }
    executor_.Post([this, link, shared] {
      Worker& worker = workers_[shared->worker_id()];
      if (worker.link == nullptr) {
        ++connected_workers_;
      } else {
        worker.link->Close(
            absl::AbortedError(absl::StrCat("worker ", shared->name(), " connected again")));
      }
      worker.link = link;
      worker.hello = *shared;
      worker.last_seen = absl::Now();
      v1::CoordinatorMessage welcome;
      welcome.mutable_welcome()->set_heartbeat_seconds(absl::ToDoubleSeconds(options_.heartbeat));
      welcome.mutable_welcome()->set_lease_seconds(
          absl::ToDoubleSeconds(options_.scheduler.lease_term));
      link->Send(welcome);
      EB_LOG(INFO) << "worker " << shared->name() << " connected from "
                   << shared->inventory().host() << ": " << shared->inventory().cores()
                   << " cores, " << shared->catalog().methods_size() << " methods, "
                   << shared->attempts_size() << " attempts in hand";
      Carry(scheduler_.WorkerConnected(SpecOf(*shared), absl::Now()));
      if (std::exchange(worker.drain_unheard, false)) DrainNow(&worker);
      TouchWorkers(/*catalogue=*/true);
    });
  });
}

void Dispatcher::Heartbeat(const std::shared_ptr<WorkerLink>& link, v1::Heartbeat heartbeat) {
  executor_.Post([this, link, heartbeat = std::move(heartbeat)] {
    Worker* worker = WorkerOf(link);
    if (worker == nullptr) return;
    worker->last_seen = absl::Now();
    const auto running_now = static_cast<uint64_t>(heartbeat.running_size());
    std::vector<std::string> warm_now(heartbeat.warm_models().begin(),
                                      heartbeat.warm_models().end());
    if (running_now != worker->running || warm_now != worker->warm_models)
      TouchWorkers(/*catalogue=*/false);
    worker->running = running_now;
    worker->warm_models = std::move(warm_now);
    std::vector<AttemptId> running;
    for (const v1::AttemptKey& attempt : heartbeat.running())
      running.push_back({attempt.job_id(), attempt.epoch()});
    Carry(
        scheduler_.Heartbeat(worker->hello.worker_id(), running, worker->warm_models, absl::Now()));
  });
}

void Dispatcher::Batch(const std::shared_ptr<WorkerLink>& link, v1::ResultBatch batch) {
  std::shared_ptr<const v1::Trial> trial;  // null: a job that is no longer leased
  {
    MutexLock lock(&mutex_);
    if (const auto found = leased_.find(batch.attempt().job_id()); found != leased_.end())
      trial = found->second;
  }
  const v1::Keep keep = trial == nullptr ? v1::KEEP_ALL : trial->keep();
  // What is needed after the commit: the batch without its samples.
  auto head = std::make_shared<v1::ResultBatch>();
  *head->mutable_attempt() = batch.attempt();
  head->set_sequence(batch.sequence());
  if (batch.has_end()) *head->mutable_end() = batch.end();
  store_->RecordBatch(
      std::move(batch), keep, [this, link, head, trial](absl::StatusOr<BatchOutcome> outcome) {
        const bool refused = !outcome.ok() && absl::IsInvalidArgument(outcome.status());
        if (outcome.ok() || refused) {
          // Acknowledged straight from the commit: the executor may be busy.
          v1::CoordinatorMessage message;
          *message.mutable_ack()->mutable_attempt() = head->attempt();
          message.mutable_ack()->set_sequence(head->sequence());
          message.mutable_ack()->set_stale(refused ||
                                           outcome->verdict == BatchOutcome::Verdict::kStale);
          link->Send(message);
          if (outcome.ok() && outcome->verdict == BatchOutcome::Verdict::kRecorded) {
            if (trial != nullptr) {
              Touch(*trial);
            } else {
              Touch(outcome->progress.sweep_id);
            }
          }
        } else {
          // Not stored (a full disk, say), so not acknowledged: the worker keeps it and sends it
          // again on its next stream.
          EB_LOG(ERROR) << "cannot store results of job " << head->attempt().job_id() << ": "
                        << outcome.status().message();
          executor_.PostAfter(absl::Seconds(2), [link] {
            link->Close(
                absl::UnavailableError("the coordinator cannot store results now; try again"));
          });
          return;
        }
        if (!head->has_end() && !refused) return;
        executor_.Post(
            [this, head, outcome = std::move(outcome)] { BatchRecorded(*head, outcome); });
      });
}

void Dispatcher::BatchRecorded(const v1::ResultBatch& head,
                               const absl::StatusOr<BatchOutcome>& outcome) {
  const AttemptId attempt{head.attempt().job_id(), head.attempt().epoch()};
  const absl::Time now = absl::Now();
  if (!outcome.ok()) {
    store_->CloseAttempts({{attempt.job, attempt.epoch, v1::AttemptEnd::OUTCOME_FAILED,
                            std::string(outcome.status().message())}},
                          [](const absl::Status&) {});
    Carry(scheduler_.AttemptFailed(attempt, now));
    return;
  }
  if (outcome->verdict == BatchOutcome::Verdict::kStale || outcome->incomplete) {
    Carry(scheduler_.AttemptFailed(attempt, now));
    return;
  }
  switch (head.end().outcome()) {
    case v1::AttemptEnd::OUTCOME_DONE:
      Carry(scheduler_.AttemptDone(attempt, now));
      return;
    case v1::AttemptEnd::OUTCOME_REFUSED:
      Carry(scheduler_.AttemptRefused(attempt, now));
      return;
    case v1::AttemptEnd::OUTCOME_CANCELLED:
      Carry(scheduler_.AttemptCancelled(attempt, now));
      return;
    default:
      Carry(scheduler_.AttemptFailed(attempt, now));
      return;
  }
}

void Dispatcher::Gone(const std::shared_ptr<WorkerLink>& link) {
  executor_.Post([this, link] {
    Worker* worker = WorkerOf(link);
    if (worker == nullptr) return;  // it connected again meanwhile, or never said Hello
    worker->link = nullptr;
    worker->running = 0;
    --connected_workers_;
    EB_LOG(INFO) << "worker " << worker->hello.name() << " is gone";
    const std::string id = worker->hello.worker_id();
    EndInspections(id);
    Carry(scheduler_.WorkerGone(id, absl::Now()));
    TouchWorkers(/*catalogue=*/false);
  });
}

// ---- Requests

void Dispatcher::Submit(NewSweep sweep,
                        const std::function<void(absl::StatusOr<CreatedSweep>)>& done) {
  const double weight = sweep.weight;
  const int32_t priority = sweep.priority;
  store_->CreateSweep(std::move(sweep),
                      [this, weight, priority, done](absl::StatusOr<CreatedSweep> created) {
                        if (!created.ok()) {
                          done(std::move(created));
                          return;
                        }
                        auto shared = std::make_shared<CreatedSweep>(*std::move(created));
                        executor_.Post([this, weight, priority, shared, done] {
                          const uint64_t id = shared->status.id();
                          if (shared->status.state() == v1::STATE_RUNNING) {
                            scheduler_.AddSweep({id, weight, priority});
                            AddToScheduler(shared->trials, ByTrial(shared->jobs));
                            Carry(scheduler_.StartSweep(id, absl::Now()));
                          }
                          // Trials that were taken over whole have ended without a worker.
                          for (const v1::TrialStatus& trial : shared->trials) {
                            if (trial.state() != v1::STATE_RUNNING)
                              options_.trial_ended(trial.trial());
                            if (trial.totals().samples() > 0) Touch(trial.trial());
                          }
                          Touch(id);
                          done(std::move(*shared));
                        });
                      });
}

void Dispatcher::Cancel(uint64_t sweep_id,
                        const std::function<void(absl::StatusOr<v1::SweepStatus>)>& done) {
  store_->CancelSweep(sweep_id, [this, sweep_id, done](absl::StatusOr<v1::SweepStatus> status) {
    executor_.Post([this, sweep_id, status = std::move(status), done] {
      if (status.ok()) Carry(scheduler_.CancelSweep(sweep_id, absl::Now()));
      Touch(sweep_id);
      done(status);
    });
  });
}

void Dispatcher::Retry(uint64_t sweep_id,
                       const std::function<void(absl::StatusOr<v1::SweepStatus>)>& done) {
  store_->RetrySweep(sweep_id, [this, sweep_id, done](absl::StatusOr<RetriedSweep> retried) {
    if (!retried.ok()) {
      done(retried.status());
      return;
    }
    auto shared = std::make_shared<RetriedSweep>(*std::move(retried));
    // The trials' own settings and the sweep's weight are in the store.
    store_->Read([this, sweep_id, shared, done](Reader& reader) {
      auto sweeps = reader.UnfinishedSweeps();
      executor_.Post([this, sweep_id, shared, done, sweeps = std::move(sweeps)] {
        if (!sweeps.ok()) {
          done(sweeps.status());
          return;
        }
        for (const RestartSweep& sweep : *sweeps) {
          if (sweep.status.id() != sweep_id) continue;
          if (scheduler_.HasSweep(sweep_id)) {
            scheduler_.ForgetFailures(sweep_id);
          } else {
            scheduler_.AddSweep({sweep_id, sweep.weight, sweep.priority});
          }
          AddToScheduler(sweep.trials, ByTrial(shared->jobs));
        }
        if (!shared->jobs.empty()) Carry(scheduler_.StartSweep(sweep_id, absl::Now()));
        Touch(sweep_id);
        done(shared->status);
      });
    });
  });
}

void Dispatcher::Inspect(v1::InspectRequest request, uint64_t data_bytes,
                         const std::function<void(absl::StatusOr<v1::InspectReply>)>& done) {
  const absl::Duration timeout =
      options_.inspect_timeout +
      options_.inspect_timeout_per_gb * (static_cast<double>(data_bytes) / 1e9);
  executor_.Post([this, request = std::move(request), timeout, done]() mutable {
    const auto knows = [&](const Worker& worker) {
      if (worker.link == nullptr) return false;
      if (!request.definition().empty()) return true;
      const auto& suites = worker.hello.catalog().suites();
      return std::any_of(suites.begin(), suites.end(),
                         [&](const auto& suite) { return suite.id() == request.suite(); });
    };
    const auto found = std::find_if(workers_.begin(), workers_.end(),
                                    [&](const auto& entry) { return knows(entry.second); });
    if (found == workers_.end()) {
      done(absl::FailedPreconditionError(absl::StrCat(
          "no worker is connected that could look into data of suite ", request.suite(),
          "; start one (entrobench up, or entrobench-worker --coordinator ...) and try again")));
      return;
    }
    const uint64_t id = next_inspection_++;
    request.set_request_id(id);
    inspections_[id] = {found->first, done};
    v1::CoordinatorMessage message;
    *message.mutable_inspect() = std::move(request);
    found->second.link->Send(message);
    executor_.PostAfter(timeout, [this, id] {
      const auto late = inspections_.find(id);
      if (late == inspections_.end()) return;
      const auto answer = std::move(late->second.done);
      inspections_.erase(late);
      answer(absl::DeadlineExceededError("the worker took too long to look into the data"));
    });
  });
}

void Dispatcher::Inspected(const std::shared_ptr<WorkerLink>&, v1::InspectReply reply) {
  executor_.Post([this, reply = std::move(reply)] {
    const auto found = inspections_.find(reply.request_id());
    if (found == inspections_.end()) return;
    const auto answer = std::move(found->second.done);
    inspections_.erase(found);
    answer(reply);
  });
}

void Dispatcher::EndInspections(const std::string& worker_id) {
  std::vector<std::function<void(absl::StatusOr<v1::InspectReply>)>> answers;
  for (auto it = inspections_.begin(); it != inspections_.end();) {
    if (it->second.worker_id == worker_id) {
      answers.push_back(std::move(it->second.done));
      it = inspections_.erase(it);
    } else {
      ++it;
    }
  }
  for (const auto& answer : answers) {
    answer(absl::UnavailableError("the worker that looked into the data is gone; try again"));
  }
}

void Dispatcher::Drain(const std::string& worker_name,
                       const std::function<void(absl::Status)>& done) {
  executor_.Post([this, worker_name, done] {
    for (auto& [id, worker] : workers_) {
      if (worker.hello.name() != worker_name && id != worker_name) continue;
      DrainNow(&worker);
      TouchWorkers(/*catalogue=*/false);
      done(absl::OkStatus());
      return;
    }
    done(absl::NotFoundError(
        absl::StrCat("no worker is called '", worker_name, "'; see: entrobench workers")));
  });
}

void Dispatcher::DrainNow(Worker* worker) {
  worker->drain_unheard = worker->link == nullptr;
  if (worker->link != nullptr) {
    v1::CoordinatorMessage message;
    message.mutable_drain();
    worker->link->Send(message);
  }
  Carry(scheduler_.DrainWorker(worker->hello.worker_id(), absl::Now()));
}

// ---- Live state

void Dispatcher::AddLiveState(std::vector<v1::SweepStatus> sweeps,
                              const std::function<void(std::vector<v1::SweepStatus>)>& done) {
  executor_.Post([this, sweeps = std::move(sweeps), done]() mutable {
    for (v1::SweepStatus& sweep : sweeps) {
      sweep.set_workers(static_cast<uint64_t>(connected_workers()));
      sweep.set_jobs_running(scheduler_.CountsOf(sweep.id()).running);
      if (sweep.state() == v1::STATE_RUNNING) sweep.set_note(scheduler_.WhyIdle(sweep.id()));
    }
    done(std::move(sweeps));
  });
}

void Dispatcher::AddLiveState(std::vector<v1::WorkerStatus> workers,
                              const std::function<void(std::vector<v1::WorkerStatus>)>& done) {
  executor_.Post([this, workers = std::move(workers), done]() mutable {
    for (v1::WorkerStatus& status : workers) {
      const auto found = workers_.find(status.worker_id());
      if (found == workers_.end()) continue;
      const Worker& worker = found->second;
      status.set_connected(worker.link != nullptr);
      status.set_draining(scheduler_.IsDraining(status.worker_id()));
      status.set_running_jobs(scheduler_.AttemptsOf(status.worker_id()).size());
      status.mutable_warm_models()->Assign(worker.warm_models.begin(), worker.warm_models.end());
      status.set_last_seen(
          absl::FormatTime(absl::RFC3339_sec, worker.last_seen, absl::UTCTimeZone()));
    }
    done(std::move(workers));
  });
}

uint64_t Dispatcher::Revision(uint64_t sweep_id) const {
  MutexLock lock(&mutex_);
  const auto found = revisions_.find(sweep_id);
  return found == revisions_.end() ? 0 : found->second;
}

void Dispatcher::Touch(uint64_t sweep_id) {
  {
    MutexLock lock(&mutex_);
    ++revisions_[sweep_id];
  }
  v1::Change change;
  change.add_sweeps(sweep_id);
  options_.changed(change);
}

void Dispatcher::Touch(const v1::Trial& trial) {
  {
    MutexLock lock(&mutex_);
    ++revisions_[trial.sweep_id()];
  }
  v1::Change change;
  change.add_sweeps(trial.sweep_id());
  change.add_suites(trial.suite().id());
  change.add_trials(trial.id());
  options_.changed(change);
}

void Dispatcher::TouchWorkers(bool catalogue) {
  v1::Change change;
  change.set_workers(true);
  change.set_catalogue(catalogue);
  options_.changed(change);
}

void Dispatcher::RunAfter(absl::Duration delay, std::function<void()> task) {
  executor_.PostAfter(delay, std::move(task));
}

}  // namespace entrobench
