#include "worker/agent.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/logging.h"
#include "common/random.h"

namespace entrobench {
namespace {

EvaluatorSlots::Options SlotOptions(const Agent::Options& options) {
  EvaluatorSlots::Options slots;
  slots.most = options.most_evaluators;
  slots.memory_bytes = options.inventory.memory_bytes();
  return slots;
}

// What an evaluator is warm with: the file's digest, an endpoint's name.
std::string ModelKey(const v1::ModelConfig& model) {
  return model.digest().empty() ? model.name() : model.digest();
}

}  // namespace

// A file that an attempt wants here before it runs.
struct Agent::NeededFile {
  NeededFile(const char* w, bool m, std::string d) : what(w), model(m), digest(std::move(d)) {}
  const char* what;  // for people
  bool model;        // else data
  std::string digest;
  std::string path;  // once it is there
};

struct Agent::Attempt {
  Attempt(v1::StartAttempt start_in, const Options& options)
      : start(std::move(start_in)),
        ref(RefOf(start.attempt())),
        batcher(ref, options.batches),
        // A request for "all cores", or more than there are, runs alone.
        cores(std::clamp(start.trial().resources().cores(), 0u, options.inventory.cores())),
        backoff(options.backoff_first, options.backoff_limit,
                Random(options.jitter_seed, MixBits(ref.job, ref.epoch))) {
    if (cores == 0) cores = options.inventory.cores();
    const v1::Trial& trial = start.trial();
    files.emplace_back("model", true, trial.model().digest());
    files.emplace_back("data", false, trial.suite().data().digest());
    for (const v1::CompanionModel& companion : trial.companions())
      files.emplace_back("companion model", true, companion.model().digest());
  }

  const v1::StartAttempt start;
  const AttemptRef ref;
  ResultBatcher batcher;
  uint32_t cores;
  Backoff backoff;  // between tries to fetch a file
  // The model, the data, the companions; one without a digest is not fetched.
  std::vector<NeededFile> files;
  int files_missing = 0;
  bool flush_timer = false;  // FlushWhenOld is on its way
  Evaluator* evaluator = nullptr;
};

// One child and what it is doing.
class Agent::Evaluator : public EvaluatorProcess::Listener {
 public:
  Evaluator(Agent* agent_in, uint64_t id_in)
      : id(id_in), agent(agent_in), process(agent->options_.process, this) {}

  void OnMessage(v1::FromEvaluator message, size_t bytes) override {
    agent->executor_.Post([a = agent, i = id, message = std::move(message), bytes]() mutable {
      a->OnEvaluatorMessage(i, std::move(message), bytes);
    });
  }
  void OnExit(std::string how) override {
    agent->executor_.Post(
        [a = agent, i = id, how = std::move(how)] { a->OnEvaluatorExit(i, how); });
  }

  const uint64_t id;
  Agent* const agent;
  std::optional<AttemptRef> attempt;  // running here, even if nobody wants it any more
  std::optional<uint64_t> inspect;    // request
  uint32_t cores = 0;                 // reserved for it
  bool evicted = false;               // its death is expected
  EvaluatorProcess process;           // last: its thread uses the rest
};

Agent::Agent(Options options, std::shared_ptr<grpc::Channel> channel, Spool* spool,
             ArtifactCache* artifacts)
    : options_(std::move(options)),
      artifacts_(artifacts),
      inventory_(options_.inventory),
      backoff_(options_.backoff_first, options_.backoff_limit, Random(options_.jitter_seed, 0)),
      slots_(SlotOptions(options_)),
      last_busy_(absl::Now()) {
  const std::vector<Spool::Held> held = spool->held();
  outbox_ = std::make_unique<Outbox>(Outbox::Options{}, spool, &executor_, [this] { Pump(); });
  CoordinatorLink::Callbacks callbacks;
  callbacks.message = [this](v1::CoordinatorMessage message) { OnMessage(std::move(message)); };
  callbacks.writable = [this] {
    writable_ = true;
    Pump();
  };
  callbacks.down = [this](const std::string& why) { OnDown(why); };
  link_ = std::make_unique<CoordinatorLink>(std::move(channel), &executor_, std::move(callbacks));
  executor_.Post([this, held] {
    for (const Spool::Held& attempt : held) {
      if (attempt.ended) continue;
      EB_LOG(INFO) << Name(attempt.attempt) << " ran when the worker ended: given up";
      v1::ResultBatch last;
      *last.mutable_attempt() = KeyOf(attempt.attempt);
      last.set_sequence(attempt.last + 1);
      SendEnd(attempt.attempt, std::move(last), v1::AttemptEnd::OUTCOME_CANCELLED,
              "the worker was restarted while this ran", 0, 0);
    }
  });
}

Agent::~Agent() {
  executor_.Stop();  // nothing below is touched by it any more; what is posted later is dropped
  link_.reset();
  evaluators_.clear();
  model_fetcher_.Stop();
  data_fetcher_.Stop();
  outbox_.reset();
}

absl::Status Agent::Start() {
  executor_.Post([this] { StartEvaluator(); });
  {
    MutexLock lock(&mutex_);
    while (!first_evaluator_known_) changed_.Wait(&mutex_);
    if (!first_evaluator_.ok()) return first_evaluator_;
  }
  executor_.Post([this] {
    Connect();
    Housekeep();
  });
  return absl::OkStatus();
}

// ---- The connection.

void Agent::Connect() {
  const uint64_t connection = ++connection_;
  writable_ = false;
  link_->Connect();
  link_->Write(MakeHello());
  executor_.PostAfter(options_.welcome_limit, [this, connection] {
    if (connection == connection_ && !connected_) link_->Disconnect();
  });
}

v1::WorkerMessage Agent::MakeHello() const {
  v1::WorkerMessage message;
  v1::Hello* hello = message.mutable_hello();
  hello->set_worker_id(options_.worker_id);
  hello->set_name(options_.name);
  *hello->mutable_inventory() = inventory_;
  *hello->mutable_catalog() = catalog_;
  hello->set_build(options_.build);
  std::set<AttemptRef> held;
  for (const auto& [ref, attempt] : attempts_) held.insert(ref);
  for (const AttemptRef ref : outbox_->attempts()) held.insert(ref);
  for (const AttemptRef ref : held) *hello->add_attempts() = KeyOf(ref);
  return message;
}

void Agent::OnMessage(v1::CoordinatorMessage message) {
  switch (message.kind_case()) {
    case v1::CoordinatorMessage::kWelcome:
      OnWelcome(message.welcome());
      break;
    case v1::CoordinatorMessage::kStart:
      OnStart(std::move(*message.mutable_start()));
      break;
    case v1::CoordinatorMessage::kAck:
      OnAck(message.ack());
      break;
    case v1::CoordinatorMessage::kRevoke:
      Abandon(RefOf(message.revoke().attempt()), message.revoke().reason());
      break;
    case v1::CoordinatorMessage::kInspect:
      OnInspect(message.inspect());
      break;
    case v1::CoordinatorMessage::kDrain:
      EB_LOG(INFO) << "the coordinator drains this worker";
      draining_ = true;
      StopIfDone();
      break;
    case v1::CoordinatorMessage::KIND_NOT_SET:
      break;  // of a newer coordinator; nothing that we could do about it
  }
}

void Agent::OnWelcome(const v1::Welcome& welcome) {
  EB_LOG(INFO) << "connected as " << options_.name;
  connected_ = true;
  last_why_.clear();
  backoff_.Reset();
  if (welcome.heartbeat_seconds() > 0) heartbeat_ = absl::Seconds(welcome.heartbeat_seconds());
  outbox_->ResendAll();
  HeartbeatLoop(connection_);
}

void Agent::OnDown(const std::string& why) {
  if (why != last_why_) {
    EB_LOG(WARNING) << (connected_ ? "lost the coordinator: " : "no coordinator: ") << why
                    << "; trying again";
  }
  last_why_ = why;
  connected_ = false;
  writable_ = false;
  control_.clear();
  inspects_.clear();  // whoever asked has stopped waiting with the stream
  executor_.PostAfter(backoff_.Next(), [this] { Connect(); });
}

void Agent::QueueHeartbeat() {
  const bool queued = std::any_of(control_.begin(), control_.end(),
                                  [](const auto& message) { return message.has_heartbeat(); });
  if (!connected_ || queued) return;
  v1::WorkerMessage message;
  v1::Heartbeat* heartbeat = message.mutable_heartbeat();
  std::set<AttemptRef> running;
  for (const auto& [ref, attempt] : attempts_) running.insert(ref);
  for (const AttemptRef ref : outbox_->attempts()) running.insert(ref);
  for (const auto& [id, evaluator] : evaluators_) {
    if (evaluator->attempt) running.insert(*evaluator->attempt);
  }
  for (const AttemptRef ref : running) *heartbeat->add_running() = KeyOf(ref);
  for (const std::string& model : slots_.WarmModels()) heartbeat->add_warm_models(model);
  heartbeat->set_resident_bytes(slots_.ResidentBytes());
  control_.push_back(std::move(message));
  Pump();
}

void Agent::HeartbeatLoop(uint64_t connection) {
  if (connection != connection_ || !connected_) return;
  QueueHeartbeat();
  executor_.PostAfter(heartbeat_, [this, connection] { HeartbeatLoop(connection); });
}

void Agent::Pump() {
  if (!connected_ || !writable_) return;
  v1::WorkerMessage message;
  if (!control_.empty()) {
    message = std::move(control_.front());
    control_.pop_front();
  } else if (auto batch = outbox_->Next()) {
    *message.mutable_batch() = *std::move(batch);
  } else {
    return;
  }
  writable_ = false;
  link_->Write(message);
}

// ---- What the coordinator asks.

void Agent::OnStart(v1::StartAttempt start) {
  const AttemptRef ref = RefOf(start.attempt());
  const std::vector<AttemptRef> held = outbox_->attempts();
  const bool known =
      attempts_.count(ref) > 0 || std::find(held.begin(), held.end(), ref) != held.end();
  if (known || leaving_) return;  // the coordinator hears of it by batches, or by our absence
  last_busy_ = absl::Now();
  if (!outbox_->disk_error().ok()) {
    v1::ResultBatch batch;
    *batch.mutable_attempt() = KeyOf(ref);
    batch.set_sequence(1);
    SendEnd(ref, std::move(batch), v1::AttemptEnd::OUTCOME_FAILED,
            absl::StrCat("worker ", options_.name,
                         " takes no work: ", std::string(outbox_->disk_error().message())),
            0, 0);
    return;
  }
  EB_LOG(DEBUG) << Name(ref) << ": samples " << start.begin() << " to " << start.end();
  const auto& attempt =
      attempts_.emplace(ref, std::make_unique<Attempt>(std::move(start), options_)).first->second;
  for (size_t i = 0; i < attempt->files.size(); ++i) {
    if (attempt->files[i].digest.empty()) continue;
    ++attempt->files_missing;
    FetchFile(ref, i);
  }
  if (attempt->files_missing > 0) return;
  waiting_.push_back(ref);
  PlaceWaiting();
}

void Agent::OnAck(const v1::BatchAck& ack) {
  const AttemptRef ref = RefOf(ack.attempt());
  if (ack.stale()) {
    Abandon(ref, "it is not live any more");
    return;
  }
  outbox_->Acknowledge(ref, ack.sequence());
  last_busy_ = absl::Now();
  StopIfDone();
}

void Agent::Abandon(AttemptRef ref, const std::string& why) {
  outbox_->Drop(ref);
  const auto found = attempts_.find(ref);
  if (found != attempts_.end()) {
    EB_LOG(INFO) << Name(ref) << " is dropped: " << why;
    Attempt& attempt = *found->second;
    if (attempt.evaluator != nullptr) {
      attempt.evaluator->process.Cancel();
      attempt.evaluator->process.Consumed(attempt.batcher.bytes());
    }
    attempts_.erase(found);
  }
  StopIfDone();
}

void Agent::OnInspect(const v1::InspectRequest& request) {
  const uint64_t id = request.request_id();
  *inspects_[id].mutable_request() = request;
  if (request.digest().empty()) {
    OnInspectFile(id, std::string());
    return;
  }
  data_fetcher_.Post([this, id, digest = request.digest()] {
    auto path = artifacts_->Get(digest);
    executor_.Post([this, id, path = std::move(path)] { OnInspectFile(id, path); });
  });
}

void Agent::OnInspectFile(uint64_t request_id, absl::StatusOr<std::string> path) {
  const auto found = inspects_.find(request_id);
  if (found == inspects_.end()) return;  // the stream that asked is gone
  if (!path.ok()) {
    v1::InspectReply reply;
    reply.set_request_id(request_id);
    reply.add_errors(absl::StrCat("worker ", options_.name,
                                  " cannot get the file: ", std::string(path.status().message())));
    ReplyInspect(std::move(reply));
    return;
  }
  found->second.set_data_path(*std::move(path));
  found->second.set_cache_dir(options_.learned_dir);
  waiting_inspects_.push_back(request_id);
  PlaceWaiting();
}

// ---- The way of an attempt.

void Agent::FetchFile(AttemptRef ref, size_t index) {
  const auto found = attempts_.find(ref);
  if (found == attempts_.end()) return;
  const NeededFile& file = found->second->files[index];
  Executor& fetcher = file.model ? model_fetcher_ : data_fetcher_;
  fetcher.Post([this, ref, index, digest = file.digest] {
    auto path = artifacts_->Get(digest);
    executor_.Post([this, ref, index, path = std::move(path)] { OnFile(ref, index, path); });
  });
}

void Agent::OnFile(AttemptRef ref, size_t index, const absl::StatusOr<std::string>& path) {
  const auto found = attempts_.find(ref);
  if (found == attempts_.end()) return;
  Attempt& attempt = *found->second;
  if (absl::IsUnavailable(path.status()) || absl::IsCancelled(path.status())) {
    executor_.PostAfter(attempt.backoff.Next(), [this, ref, index] { FetchFile(ref, index); });
    return;
  }
  NeededFile& file = attempt.files[index];
  if (!path.ok()) {
    EndAttempt(
        ref, v1::AttemptEnd::OUTCOME_FAILED,
        absl::StrCat("cannot get the ", file.what, ": ", std::string(path.status().message())));
    return;
  }
  file.path = *path;
  if (--attempt.files_missing > 0) return;
  waiting_.push_back(ref);
  PlaceWaiting();
}

void Agent::PlaceWaiting() {
  while (!waiting_inspects_.empty()) {
    if (inspects_.count(waiting_inspects_.front()) > 0 && !PlaceInspect(waiting_inspects_.front()))
      break;
    waiting_inspects_.pop_front();
  }
  // In the order in which they came: a large one is not overtaken for ever by small ones.
  while (!draining_ && !waiting_.empty()) {
    const auto found = attempts_.find(waiting_.front());
    if (found != attempts_.end() && !PlaceAttempt(found->second.get())) break;
    waiting_.pop_front();
  }
}

bool Agent::PlaceAttempt(Attempt* attempt) {
  if (cores_used_ + attempt->cores > inventory_.cores()) return false;
  const v1::Trial& trial = attempt->start.trial();
  const uint64_t claimed = trial.resources().memory_bytes();
  Evaluator* const evaluator = EvaluatorFor(ModelKey(trial.model()), claimed);
  if (evaluator == nullptr) return false;
  attempt->evaluator = evaluator;
  evaluator->attempt = attempt->ref;
  evaluator->cores = attempt->cores;
  cores_used_ += attempt->cores;
  v1::RunAttempt run;
  *run.mutable_start() = attempt->start;
  run.set_model_path(attempt->files[0].path);
  run.set_data_path(attempt->files[1].path);
  for (size_t i = 2; i < attempt->files.size(); ++i)
    run.add_companion_paths(attempt->files[i].path);
  run.set_threads(attempt->cores);
  run.set_cache_dir(options_.learned_dir);
  // Without a limit of its own it may not take more than the worker has: better this one ends than
  // that the kernel picks one.
  evaluator->process.Run(run, claimed > 0 ? claimed : inventory_.memory_bytes());
  return true;
}

bool Agent::PlaceInspect(uint64_t request_id) {
  Evaluator* const evaluator = EvaluatorFor("", 0);
  if (evaluator == nullptr) return false;
  evaluator->inspect = request_id;
  evaluator->process.Inspect(inspects_.at(request_id));
  return true;
}

void Agent::Flush(Attempt* attempt) {
  if (attempt->batcher.empty()) return;
  const size_t bytes = attempt->batcher.bytes();
  outbox_->Add(attempt->batcher.Take(),
               [this, id = attempt->evaluator->id, bytes] { Consumed(id, bytes); });
}

void Agent::FlushWhenOld(AttemptRef ref) {
  const auto found = attempts_.find(ref);
  if (found == attempts_.end()) return;
  Attempt& attempt = *found->second;
  attempt.flush_timer = false;
  const absl::Time now = absl::Now();
  if (attempt.batcher.Deadline() <= now) Flush(&attempt);
  if (attempt.batcher.empty()) return;
  attempt.flush_timer = true;
  executor_.PostAfter(attempt.batcher.Deadline() - now, [this, ref] { FlushWhenOld(ref); });
}

void Agent::EndAttempt(AttemptRef ref, v1::AttemptEnd::Outcome outcome, const std::string& error) {
  const auto found = attempts_.find(ref);
  if (found == attempts_.end()) return;
  Attempt& attempt = *found->second;
  const size_t bytes = attempt.batcher.bytes();
  SendEnd(ref, attempt.batcher.Take(), outcome, error,
          attempt.evaluator != nullptr ? attempt.evaluator->id : 0, bytes);
  attempts_.erase(found);
}

void Agent::SendEnd(AttemptRef ref, v1::ResultBatch batch, v1::AttemptEnd::Outcome outcome,
                    const std::string& error, uint64_t evaluator, size_t bytes) {
  if (outcome != v1::AttemptEnd::OUTCOME_DONE) {
    EB_LOG(WARNING) << Name(ref) << ": " << v1::AttemptEnd::Outcome_Name(outcome) << ": " << error;
  }
  batch.mutable_end()->set_outcome(outcome);
  batch.mutable_end()->set_error(error);
  outbox_->Add(std::move(batch), [this, evaluator, bytes] { Consumed(evaluator, bytes); });
}

// ---- Evaluators.

Agent::Evaluator* Agent::EvaluatorFor(const std::string& model, uint64_t memory_bytes) {
  const auto placement = slots_.Place(model, memory_bytes);
  if (!placement) return nullptr;
  for (const uint64_t id : placement->evict) Evict(id);
  Evaluator* const evaluator =
      placement->use ? evaluators_.at(*placement->use).get() : StartEvaluator();
  slots_.SetBusy(evaluator->id, model);
  return evaluator;
}

Agent::Evaluator* Agent::StartEvaluator() {
  const uint64_t id = ++last_evaluator_;
  slots_.Add(id, absl::Now());
  auto& evaluator = evaluators_[id];
  evaluator = std::make_unique<Evaluator>(this, id);
  return evaluator.get();
}

void Agent::Evict(uint64_t id) {
  Evaluator& evaluator = *evaluators_.at(id);
  evaluator.evicted = true;
  slots_.Remove(id);
  evaluator.process.Kill("ended to make room");
}

void Agent::OnEvaluatorMessage(uint64_t id, v1::FromEvaluator message, size_t bytes) {
  const auto known = evaluators_.find(id);
  if (known == evaluators_.end()) return;
  Evaluator& evaluator = *known->second;
  const auto found = evaluator.attempt ? attempts_.find(*evaluator.attempt) : attempts_.end();
  Attempt* const attempt = found != attempts_.end() ? found->second.get() : nullptr;
  const absl::Time now = absl::Now();
  if (attempt != nullptr && (message.has_sample() || message.has_point())) {
    if (message.has_sample()) {
      attempt->batcher.Add(std::move(*message.mutable_sample()), bytes, now);
    } else {
      attempt->batcher.Add(std::move(*message.mutable_point()), bytes, now);
    }
    if (attempt->batcher.Full()) Flush(attempt);
    if (!attempt->batcher.empty() && !attempt->flush_timer) {
      attempt->flush_timer = true;
      executor_.PostAfter(attempt->batcher.Deadline() - now,
                          [this, ref = attempt->ref] { FlushWhenOld(ref); });
    }
    return;  // consumed when the batch is on disk
  }
  evaluator.process.Consumed(bytes);
  if (message.has_hello()) {
    OnEvaluatorHello(message.hello());
  } else if (message.has_loaded()) {
    EB_LOG(INFO) << "evaluator " << evaluator.process.pid() << " loaded model "
                 << message.loaded().digest().substr(0, 12) << " in "
                 << absl::FormatDuration(absl::Seconds(message.loaded().seconds()));
  } else if (message.has_end()) {
    if (attempt != nullptr) {
      const v1::AttemptEnd& end = message.end();
      EndAttempt(attempt->ref,
                 end.outcome() == v1::AttemptEnd::OUTCOME_UNSPECIFIED
                     ? v1::AttemptEnd::OUTCOME_FAILED
                     : end.outcome(),
                 end.error());
    }
    BecomeIdle(&evaluator);
  } else if (message.has_inspect_reply()) {
    ReplyInspect(std::move(*message.mutable_inspect_reply()));
    BecomeIdle(&evaluator);
  }
}

void Agent::OnEvaluatorHello(const v1::EvaluatorHello& hello) {
  if (catalog_known_) return;
  catalog_known_ = true;
  catalog_ = hello.catalog();
  inventory_.set_blas(hello.blas());
  EB_LOG(INFO) << "the evaluator (" << catalog_.build() << ") has " << catalog_.methods_size()
               << " methods and " << catalog_.suites_size() << " suites; BLAS: " << hello.blas();
  MutexLock lock(&mutex_);
  first_evaluator_known_ = true;
  changed_.NotifyAll();
}

void Agent::OnEvaluatorExit(uint64_t id, const std::string& how) {
  const auto found = evaluators_.find(id);
  if (found == evaluators_.end()) return;
  Evaluator& evaluator = *found->second;
  if (evaluator.attempt) {
    EndAttempt(*evaluator.attempt, v1::AttemptEnd::OUTCOME_FAILED, absl::StrCat("evaluator ", how));
  }
  if (evaluator.inspect && inspects_.count(*evaluator.inspect) > 0) {
    v1::InspectReply reply;
    reply.set_request_id(*evaluator.inspect);
    reply.add_errors(absl::StrCat("the evaluator that looked into the file: ", how));
    ReplyInspect(std::move(reply));
  }
  if (!catalog_known_) {
    MutexLock lock(&mutex_);
    first_evaluator_known_ = true;
    first_evaluator_ =
        absl::InternalError(absl::StrCat(options_.process.command.front(), ": ", how));
    changed_.NotifyAll();
  } else if (!evaluator.evicted && !evaluator.attempt && !evaluator.inspect) {
    EB_LOG(WARNING) << "an idle evaluator: " << how;
  }
  const bool occupied = evaluator.attempt.has_value();
  cores_used_ -= evaluator.cores;
  slots_.Remove(id);
  evaluators_.erase(found);
  if (occupied) QueueHeartbeat();
  PlaceWaiting();
  StopIfDone();
}

void Agent::BecomeIdle(Evaluator* evaluator) {
  cores_used_ -= evaluator->cores;
  evaluator->cores = 0;
  evaluator->attempt.reset();
  evaluator->inspect.reset();
  if (!evaluator->evicted) slots_.SetIdle(evaluator->id, absl::Now());
  last_busy_ = absl::Now();
  QueueHeartbeat();  // the coordinator may have waited for the cores
  PlaceWaiting();
  StopIfDone();
}

void Agent::ReplyInspect(v1::InspectReply reply) {
  if (inspects_.erase(reply.request_id()) == 0) return;  // nobody waits for it
  v1::WorkerMessage message;
  *message.mutable_inspect_reply() = std::move(reply);
  control_.push_back(std::move(message));
  Pump();
}

void Agent::Consumed(uint64_t evaluator, size_t bytes) {
  const auto found = evaluators_.find(evaluator);
  if (found != evaluators_.end()) found->second->process.Consumed(bytes);
}

// ---- Time and the end.

void Agent::Housekeep() {
  for (const auto& [id, evaluator] : evaluators_) {
    if (!evaluator->evicted) slots_.SetResident(id, evaluator->process.resident_bytes());
  }
  for (const uint64_t id : slots_.OverMemory()) Evict(id);
  outbox_->RetryDisk();
  const absl::Time now = absl::Now();
  if (!attempts_.empty() || !inspects_.empty() || !outbox_->empty()) last_busy_ = now;
  if (now - last_busy_ >= options_.exit_when_idle) {
    EB_LOG(INFO) << "idle for " << absl::FormatDuration(now - last_busy_) << ": done";
    draining_ = true;
    StopIfDone();
  }
  executor_.PostAfter(options_.housekeeping, [this] { Housekeep(); });
}

void Agent::Drain(absl::Duration grace) {
  executor_.Post([this, grace] {
    draining_ = true;
    StopIfDone();
    executor_.PostAfter(grace, [this] {
      GiveUpAttempts();
      StopIfDone();
      executor_.PostAfter(options_.farewell, [this] { Stop(); });
    });
  });
}

void Agent::GiveUpAttempts() {
  leaving_ = true;
  while (!attempts_.empty()) {
    Attempt& attempt = *attempts_.begin()->second;
    if (attempt.evaluator != nullptr) attempt.evaluator->process.Cancel();
    EndAttempt(attempt.ref, v1::AttemptEnd::OUTCOME_CANCELLED,
               absl::StrCat("worker ", options_.name, " was stopped"));
  }
}

void Agent::StopIfDone() {
  if (!draining_) return;
  const bool running = std::any_of(attempts_.begin(), attempts_.end(), [](const auto& attempt) {
    return attempt.second->evaluator != nullptr;
  });
  if (running || !inspects_.empty()) return;
  if (!leaving_) GiveUpAttempts();  // those that came but were not begun
  if (outbox_->empty()) Stop();
}

void Agent::StopNow() {
  executor_.Post([this] { Stop(); });
}

void Agent::Stop() {
  MutexLock lock(&mutex_);
  stopped_ = true;
  changed_.NotifyAll();
}

void Agent::WaitUntilStopped() {
  MutexLock lock(&mutex_);
  while (!stopped_) changed_.Wait(&mutex_);
}

}  // namespace entrobench
