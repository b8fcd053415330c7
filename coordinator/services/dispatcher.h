// Where the scheduler, the store and the connected workers meet. Events come in from streams and
// requests; the pure scheduler decides; the store makes it durable; only then a worker hears of it.
//
// The scheduler and all that is known of workers live on one executor thread; every public method
// may be called from any thread and returns at once. Callbacks come on the executor's or the
// store's threads and must not block.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/executor.h"
#include "common/mutex.h"
#include "coordinator/scheduler/scheduler.h"
#include "coordinator/store/store.h"
#include "entrobench/v1/entrobench.pb.h"
#include "entrobench/v1/worker.pb.h"

namespace entrobench {

// A worker's open stream, as the dispatcher sees it. Both calls come from any thread, never block,
// and do nothing once the stream has ended.
class WorkerLink {
 public:
  virtual ~WorkerLink() = default;
  virtual void Send(const v1::CoordinatorMessage& message) = 0;
  virtual void Close(const absl::Status& why) = 0;
};

struct DispatcherOptions {
  SchedulerOptions scheduler;
  absl::Duration heartbeat = absl::Seconds(2);  // told to workers in Welcome
  absl::Duration tick = absl::Milliseconds(100);
  // For a worker to look into data, and more for each GB: it is fetched, unpacked and read whole.
  absl::Duration inspect_timeout = absl::Seconds(120);
  absl::Duration inspect_timeout_per_gb = absl::Seconds(60);
  // Called after a trial has ended, on the executor's thread: the leaderboard's background
  // statistics start here.
  std::function<void(const v1::Trial&)> trial_ended = [](const v1::Trial&) {};
  // Called when a sweep, a trial's samples, a worker or the catalogue changed (after the commit),
  // on any thread.
  std::function<void(const v1::Change&)> changed = [](const v1::Change&) {};
};

class Dispatcher {
 public:
  // `store` must outlive this.
  Dispatcher(Store* store, DispatcherOptions options);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Takes up every unfinished sweep from the store. Blocks; call it once, before the first stream.
  absl::Status Restore();

  // ---- Worker streams. Events of one link come in the order of these calls.

  void Hello(const std::shared_ptr<WorkerLink>& link, v1::Hello hello);
  void Heartbeat(const std::shared_ptr<WorkerLink>& link, v1::Heartbeat heartbeat);
  void Batch(const std::shared_ptr<WorkerLink>& link, v1::ResultBatch batch);
  void Inspected(const std::shared_ptr<WorkerLink>& link, v1::InspectReply reply);
  void Gone(const std::shared_ptr<WorkerLink>& link);

  // ---- Requests.

  void Submit(NewSweep sweep, const std::function<void(absl::StatusOr<CreatedSweep>)>& done);
  void Cancel(uint64_t sweep_id, const std::function<void(absl::StatusOr<v1::SweepStatus>)>& done);
  void Retry(uint64_t sweep_id, const std::function<void(absl::StatusOr<v1::SweepStatus>)>& done);
  // Has a worker look into data of that size. FailedPrecondition: none is connected that knows the
  // suite.
  void Inspect(v1::InspectRequest request, uint64_t data_bytes,
               const std::function<void(absl::StatusOr<v1::InspectReply>)>& done);
  void Drain(const std::string& worker_name, const std::function<void(absl::Status)>& done);

  // What the store cannot know of sweeps and workers: what runs now, who is connected, why nothing
  // moves.
  void AddLiveState(std::vector<v1::SweepStatus> sweeps,
                    const std::function<void(std::vector<v1::SweepStatus>)>& done);
  void AddLiveState(std::vector<v1::WorkerStatus> workers,
                    const std::function<void(std::vector<v1::WorkerStatus>)>& done);

  // Goes up with every change of the sweep that a watcher would want to see.
  uint64_t Revision(uint64_t sweep_id) const;
  int connected_workers() const { return connected_workers_.load(); }

  // Runs `task` on the executor after `delay`: timers of watchers.
  void RunAfter(absl::Duration delay, std::function<void()> task);

 private:
  struct Worker {
    std::shared_ptr<WorkerLink> link;  // null: not connected
    v1::Hello hello;
    std::vector<std::string> warm_models;
    absl::Time last_seen = absl::InfinitePast();
    uint64_t running = 0;
    bool drain_unheard = false;  // it was drained while it was away
  };
  struct Inspection {
    std::string worker_id;
    std::function<void(absl::StatusOr<v1::InspectReply>)> done;
  };

  // All below run on the executor.
  void Carry(Decisions decisions);
  void Commit(std::vector<Lease> leases);
  void Start(const Lease& lease, const std::vector<uint64_t>& skip);
  // Those of the trials that have jobs here, with these.
  void AddToScheduler(const std::vector<v1::TrialStatus>& trials,
                      const std::map<uint64_t, std::vector<JobSpec>>& jobs_by_trial);
  void BatchRecorded(const v1::ResultBatch& head, const absl::StatusOr<BatchOutcome>& outcome);
  void SendTo(const std::string& worker_id, const v1::CoordinatorMessage& message);
  Worker* WorkerOf(const std::shared_ptr<WorkerLink>& link);
  void EndInspections(const std::string& worker_id);
  void DrainNow(Worker* worker);
  void Tick();

  void Touch(uint64_t sweep_id);
  void Touch(const v1::Trial& trial);  // whose samples were recorded
  void TouchWorkers(bool catalogue);

  Store* const store_;
  const DispatcherOptions options_;

  // Executor thread only.
  Scheduler scheduler_;
  std::map<std::string, Worker> workers_;                                   // by worker id
  absl::flat_hash_map<uint64_t, std::shared_ptr<const v1::Trial>> trials_;  // open ones
  std::map<uint64_t, Inspection> inspections_;                              // by request id
  uint64_t next_inspection_ = 1;

  std::atomic<int> connected_workers_{0};

  mutable Mutex mutex_;
  absl::flat_hash_map<uint64_t, uint64_t> revisions_ ABSL_GUARDED_BY(mutex_);  // by sweep
  absl::flat_hash_map<uint64_t, std::shared_ptr<const v1::Trial>> leased_
      ABSL_GUARDED_BY(mutex_);  // by job: read by streams' threads

  Executor executor_;  // last: its thread ends before what its tasks use
};

}  // namespace entrobench
