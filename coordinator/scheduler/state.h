// What the scheduler remembers: plain records. Strings are interned; an Index of kNone means
// "none".
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/scheduler/decision.h"
#include "coordinator/scheduler/demand.h"
#include "coordinator/scheduler/slab.h"

namespace entrobench {

struct JobQueue;
struct Pool;

// A number for every string that was ever seen.
class Interner {
 public:
  Index Of(absl::string_view text) {
    const auto [entry, is_new] = indices_.try_emplace(text, static_cast<Index>(texts_.size()));
    if (is_new) texts_.emplace_back(text);
    return entry->second;
  }
  // kNone when it was never seen.
  Index Find(absl::string_view text) const {
    const auto entry = indices_.find(text);
    return entry == indices_.end() ? kNone : entry->second;
  }
  const std::string& Text(Index index) const { return texts_[index]; }

 private:
  absl::flat_hash_map<std::string, Index> indices_;
  std::vector<std::string> texts_ = {};
};

// How long jobs took so far, per sample, so that slices of any size can be compared.
struct Pace {
  double seconds = 0;
  uint64_t samples = 0;
  void Add(double job_seconds, uint64_t job_samples) {
    seconds += job_seconds;
    samples += job_samples;
  }
};

struct Sweep {
  SweepId id = 0;
  double weight = 1;
  int priority = 0;
  bool started = false;     // its jobs may be leased
  double virtual_time = 0;  // core-seconds charged, over weight
  uint64_t waiting = 0;     // jobs in queues
  uint64_t backoff = 0;     // jobs that wait for their next try
  uint64_t running = 0;     // jobs with a live attempt
  uint64_t failed = 0;
  bool ending = false;  // nothing waits, something runs
  Pace pace;
  std::vector<Index> trials = {};
  std::vector<Index> attempts = {};                    // live ones
  std::vector<std::unique_ptr<JobQueue>> queues = {};  // kept by WaitingJobs
};

struct Trial {
  TrialId id = 0;
  Sweep* sweep = nullptr;
  Index model = kNone;
  Index method = kNone;
  Index suite = kNone;
  Index demand = kNone;
  Index catalogs = kNone;  // the set of catalogues that have its method and suite
  bool ordered = false;
  bool failed = false;  // one of its jobs
  uint32_t open_jobs = 0;
  Pace pace;
};

enum class JobState : uint8_t { kWaiting, kBackoff, kRunning };

// One of a million: keep it small.
struct Job {
  JobId id = 0;
  Index trial = kNone;
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t epoch = 0;      // the highest one leased
  Index previous = kNone;  // neighbours in its queue's lane
  Index next = kNone;
  Index attempt = kNone;  // one of its live attempts; the other, if any, is that one's twin
  JobState state = JobState::kWaiting;
  uint8_t failures = 0;
  uint8_t losses = 0;
  std::array<Index, 2> failed_on = {kNone,
                                    kNone};  // the last two workers that failed it, ascending
};
static_assert(sizeof(Job) <= 48);

// One lease. Live until it ends; when it is revoked it goes on occupying its worker until that
// says that the evaluator has stopped, or revoke_grace has passed.
struct Attempt {
  JobId job_id = 0;
  Index job = kNone;
  Index trial = kNone;
  uint32_t epoch = 0;
  Index worker = kNone;
  Index twin = kNone;
  uint32_t sweep_position = 0;  // in Sweep::attempts, while live
  bool stopping = false;        // revoked
  absl::Time started;
  absl::Time stop_at;      // when stopping: taken as stopped then
  double charge_rate = 0;  // cores: see Scheduler::Impl::ChargeRate
  double charged = 0;      // core-seconds charged at the start, by estimate
  // What it takes from its worker.
  uint32_t cores = 0;
  uint64_t memory_bytes = 0;
  uint64_t gpus = 0;  // bit i: GPU i
};

struct Worker {
  std::string id = {};
  Capacity capacity = {};
  Index catalog = kNone;
  bool connected = false;
  bool silent = false;  // connected, but not heard of for a lease term
  bool draining = false;
  bool dirty = false;  // listed for the next dispatch
  absl::Time expires;  // when its leases run out
  // Signed: a worker may come back smaller than what runs on it.
  int64_t free_cores = 0;
  int64_t free_memory = 0;
  uint64_t free_gpus = 0;
  std::vector<Index> warm_models = {};
  std::vector<Index> attempts = {};       // live and stopping ones
  std::vector<int8_t> can_ever_fit = {};  // by demand; -1: not known yet
  SweepId last_sweep = 0;
  Pool* reserved_for = nullptr;

  bool available() const { return connected && !silent && !draining; }
};

}  // namespace entrobench
