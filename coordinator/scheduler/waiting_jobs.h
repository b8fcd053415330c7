// The jobs that wait, so arranged that the next one for a worker is found without a search:
//
//     pool    jobs that exactly the same workers can take     (a handful)
//     queue   one sweep's part of a pool                      in fair order within the pool
//     lane    one model's part of a queue                     first in, first out
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "coordinator/scheduler/slab.h"
#include "coordinator/scheduler/state.h"

namespace entrobench {

// What decides which workers can take a job.
struct PoolKey {
  Index demand = kNone;
  Index catalogs = kNone;  // the set of catalogues that have its method and suite
  std::array<Index, 2> failed_on = {kNone, kNone};

  friend bool operator==(const PoolKey&, const PoolKey&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const PoolKey& key) {
    return H::combine(std::move(h), key.demand, key.catalogs, key.failed_on);
  }
};

struct Lane {
  Index model = kNone;
  Index head = kNone;
  Index tail = kNone;
};

struct JobQueue {
  Sweep* sweep = nullptr;
  Pool* pool = nullptr;
  uint64_t size = 0;
  std::vector<Lane> lanes;  // none is empty
  bool in_order = false;    // stands in its pool's order; only those of started sweeps do
};

// Higher priority, then less virtual time, then the older sweep.
struct Fairer {
  bool operator()(const JobQueue* a, const JobQueue* b) const {
    if (a->sweep->priority != b->sweep->priority) return a->sweep->priority > b->sweep->priority;
    if (a->sweep->virtual_time != b->sweep->virtual_time) {
      return a->sweep->virtual_time < b->sweep->virtual_time;
    }
    return a->sweep->id < b->sweep->id;
  }
};

struct Pool {
  PoolKey key;
  uint64_t queues = 0;
  std::set<JobQueue*, Fairer> order;
  uint64_t position = 0;  // in active()
  // For Scheduler::Impl: since when its first queue has been passed over for want of room, and the
  // worker that is being cleared for it.
  absl::Time passed_over_since = absl::InfiniteFuture();
  Index reserved_worker = kNone;
  // For Scheduler::Impl: whether a worker outside failed_on could take these jobs, as of that
  // version of the workers.
  uint64_t alternative_version = 0;
  bool has_alternative = false;
};

class WaitingJobs {
 public:
  explicit WaitingJobs(Slab<Job>* jobs) : jobs_(jobs) {}
  WaitingJobs(const WaitingJobs&) = delete;
  WaitingJobs& operator=(const WaitingJobs&) = delete;

  enum class End { kFront, kBack };
  // The job must be in no lane.
  void Push(Index job, Sweep* sweep, const PoolKey& key, Index model, End end);
  // The job must have been pushed with just these.
  void Remove(Index job, Sweep* sweep, const PoolKey& key, Index model);
  Index PopFront(JobQueue* queue, Lane* lane);  // `queue` may be gone afterwards

  // Lets the sweep's queues take part. Call once, when it starts.
  void Start(Sweep* sweep);
  // Forgets all that waits of the sweep and hands it over, each queue in order.
  std::vector<Index> TakeAll(Sweep* sweep);
  void SetVirtualTime(Sweep* sweep, double virtual_time);

  // Pools with at least one started queue, in no particular but reproducible order.
  const std::vector<Pool*>& active() const { return active_; }

  // Pools that were made active since the last call.
  std::vector<Pool*> TakeFresh() { return std::exchange(fresh_, {}); }
  bool has_fresh() const { return !fresh_.empty(); }

  // Workers that were reserved for pools which are gone since the last call.
  std::vector<Index> TakeReleasedWorkers() { return std::exchange(released_workers_, {}); }

 private:
  JobQueue* FindQueue(Sweep* sweep, const PoolKey& key) const;
  void Insert(JobQueue* queue);  // into its pool's order
  void Extract(JobQueue* queue);
  void Unlink(Index job, JobQueue* queue, Lane* lane);
  void Drop(JobQueue* queue);  // it is empty

  Slab<Job>* jobs_;
  absl::flat_hash_map<PoolKey, std::unique_ptr<Pool>>
      pools_;  // never walked: its order is not reproducible
  std::vector<Pool*> active_;
  std::vector<Pool*> fresh_;
  std::vector<Index> released_workers_;
};

}  // namespace entrobench
