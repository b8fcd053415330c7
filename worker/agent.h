// The worker's mind: takes attempts from the coordinator, has evaluators run them, and brings every
// result home.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "common/executor.h"
#include "common/mutex.h"
#include "entrobench/v1/worker.pb.h"
#include "grpcpp/channel.h"
#include "worker/artifact_cache.h"
#include "worker/attempt_ref.h"
#include "worker/coordinator_link.h"
#include "worker/evaluator_process.h"
#include "worker/evaluator_slots.h"
#include "worker/outbox.h"
#include "worker/result_batcher.h"
#include "worker/spool.h"

namespace entrobench {

// Everything here happens on one executor; evaluators, the stream, the disk and downloads have
// threads of their own and post what happened. An attempt's way:
//
//   StartAttempt -> files fetched -> waits for cores and an evaluator -> runs: results go to a
//   batcher, full or old batches to the outbox -> AttemptEnd goes into the last batch -> all
//   acknowledged: forgotten.
//
// The connection may break at any point of it: work goes on, and the next Hello names the attempts
// that still run or have unacknowledged batches. An attempt that ran when the worker itself died is
// given up at the next start: what it had spooled counts, the rest runs again.
class Agent {
 public:
  struct Options {
    std::string worker_id;
    std::string name;
    v1::HostInventory inventory;  // cores and memory: what may be used; blas is filled in
    std::string build;
    EvaluatorProcess::Options process;  // of every evaluator
    ResultBatcher::Options batches;
    std::string learned_dir;     // where evaluators keep what took long; may be empty
    size_t most_evaluators = 8;  // at once, idle ones included
    absl::Duration backoff_first = absl::Milliseconds(200);  // between tries to connect
    absl::Duration backoff_limit = absl::Seconds(5);
    absl::Duration welcome_limit = absl::Seconds(10);  // from Connect to Welcome
    absl::Duration housekeeping = absl::Seconds(1);    // disk retries, memory, idleness
    absl::Duration farewell = absl::Seconds(2);        // for acknowledgements before it stops
    // Stop by itself after so long without anything to do; infinite: never.
    absl::Duration exit_when_idle = absl::InfiniteDuration();
    uint64_t jitter_seed = 0;
  };

  // `spool` and `artifacts` outlive the agent; the artifacts' source must not block for ever.
  Agent(Options options, std::shared_ptr<grpc::Channel> channel, Spool* spool,
        ArtifactCache* artifacts);
  ~Agent();  // kills the evaluators; what is not acknowledged is in the spool
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Starts an evaluator, which says what can be run here, then connects and works. Blocks until the
  // first evaluator has spoken; its error says how it died.
  absl::Status Start();

  // Takes nothing new from now on. Attempts that run may finish within `grace`; the others are then
  // given up: what they have yielded is sent, and the coordinator may lease the rest elsewhere.
  // Stops when everything is acknowledged, `grace` and `farewell` from now at the latest. Any
  // thread; returns at once.
  void Drain(absl::Duration grace);

  void StopNow();  // any thread

  // Blocks until the agent has stopped, by one of the above, by the coordinator's Drain or by
  // idleness.
  void WaitUntilStopped() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Attempt;
  class Evaluator;

  // The connection.
  void Connect();
  void OnMessage(v1::CoordinatorMessage message);
  void OnWelcome(const v1::Welcome& welcome);
  void OnDown(const std::string& why);
  v1::WorkerMessage MakeHello() const;
  void QueueHeartbeat();
  void HeartbeatLoop(uint64_t connection);
  void Pump();  // sends the next message when the stream can take one

  // What the coordinator asks.
  void OnStart(v1::StartAttempt start);
  void OnAck(const v1::BatchAck& ack);
  void Abandon(AttemptRef ref, const std::string& why);
  void OnInspect(const v1::InspectRequest& request);
  void OnInspectFile(uint64_t request_id, absl::StatusOr<std::string> path);

  // The way of an attempt.
  struct NeededFile;
  void FetchFile(AttemptRef ref, size_t index);
  void OnFile(AttemptRef ref, size_t index, const absl::StatusOr<std::string>& path);
  void PlaceWaiting();
  bool PlaceAttempt(Attempt* attempt);
  bool PlaceInspect(uint64_t request_id);
  void Flush(Attempt* attempt);
  void FlushWhenOld(AttemptRef ref);
  void EndAttempt(AttemptRef ref, v1::AttemptEnd::Outcome outcome, const std::string& error);
  void SendEnd(AttemptRef ref, v1::ResultBatch batch, v1::AttemptEnd::Outcome outcome,
               const std::string& error, uint64_t evaluator, size_t bytes);

  // Evaluators.
  Evaluator* EvaluatorFor(const std::string& model, uint64_t memory_bytes);
  Evaluator* StartEvaluator();
  void Evict(uint64_t id);
  void OnEvaluatorMessage(uint64_t id, v1::FromEvaluator message, size_t bytes);
  void OnEvaluatorHello(const v1::EvaluatorHello& hello);
  void OnEvaluatorExit(uint64_t id, const std::string& how);
  void BecomeIdle(Evaluator* evaluator);
  void ReplyInspect(v1::InspectReply reply);
  void Consumed(uint64_t evaluator, size_t bytes);

  // Time and the end.
  void Housekeep();
  void GiveUpAttempts();
  void StopIfDone();
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  ArtifactCache* const artifacts_;

  Mutex mutex_;
  CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool first_evaluator_known_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status first_evaluator_ ABSL_GUARDED_BY(mutex_);

  // From here on the executor's own.
  v1::HostInventory inventory_;
  v1::Catalog catalog_;
  bool catalog_known_ = false;

  uint64_t connection_ = 0;  // counts streams, so that a timer knows whether its stream is gone
  bool connected_ = false;   // Welcome was received
  bool writable_ = false;
  absl::Duration heartbeat_ = absl::Seconds(2);
  Backoff backoff_;
  std::string last_why_;                   // of being down: each reason is logged once
  std::deque<v1::WorkerMessage> control_;  // goes before batches

  std::map<AttemptRef, std::unique_ptr<Attempt>> attempts_;  // from StartAttempt to the end batch
  std::deque<AttemptRef> waiting_;  // for cores and an evaluator; may name what is gone
  std::map<uint64_t, v1::InspectData> inspects_;  // by request; until answered
  std::deque<uint64_t> waiting_inspects_;

  std::map<uint64_t, std::unique_ptr<Evaluator>> evaluators_;  // until their OnExit
  uint64_t last_evaluator_ = 0;
  EvaluatorSlots slots_;
  uint32_t cores_used_ = 0;

  bool draining_ = false;  // places nothing new
  bool leaving_ = false;   // waits for acknowledgements only
  absl::Time last_busy_;

  Executor model_fetcher_{"fetch-models"};  // large files must not hold up small ones
  Executor data_fetcher_{"fetch-data"};
  Executor executor_{"agent"};
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<CoordinatorLink> link_;
};

}  // namespace entrobench
