// Workers: how they come, fall silent, leave, and what they can run.
#include "coordinator/scheduler/scheduler_impl.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace entrobench {
namespace {

std::vector<Index> SortedUnique(std::vector<Index> indices) {
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  return indices;
}

}  // namespace

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
  if (spec.attempts.empty()) worker->draining = false;
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

}  // namespace entrobench
