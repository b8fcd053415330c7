// Which job goes where, now: fit, fairness, warmth, room for large jobs, backups for stragglers.
#include "coordinator/scheduler/scheduler_impl.h"

#include <bit>
#include <tuple>

namespace entrobench {
namespace {

// How often stragglers are looked for while a sweep nears its end.
constexpr absl::Duration kStragglerInterval = absl::Seconds(1);

}  // namespace

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

}  // namespace entrobench
