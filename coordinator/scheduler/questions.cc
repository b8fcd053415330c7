// What people and services ask.
#include "coordinator/scheduler/scheduler_impl.h"

#include "absl/strings/str_cat.h"

namespace entrobench {

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

}  // namespace entrobench
