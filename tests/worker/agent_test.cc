#include "worker/agent.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <numeric>

#include "absl/time/clock.h"
#include "common/digest.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/scratch_folder.h"
#include "tests/worker/fake_coordinator.h"

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const AttemptRef kOne{1, 1};
const AttemptRef kTwo{2, 1};

std::vector<uint64_t> UpTo(uint64_t end) {
  std::vector<uint64_t> ids(end);
  std::iota(ids.begin(), ids.end(), uint64_t{0});
  return ids;
}

// A worker with fake evaluators (tests/worker/fake_evaluator.cc) and a fake coordinator; the rest
// is real: processes, pipes, disk, gRPC.
class AgentTest : public testing::Test {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    options_.worker_id = "0123";
    options_.name = "tester";
    options_.inventory.set_host("here");
    options_.inventory.set_cores(2);
    options_.inventory.set_memory_bytes(uint64_t{4} << 30);
    options_.process.command = {ExecutableDirectory() + "/fake_evaluator"};
    options_.batches.samples = 2;
    options_.batches.age = absl::Milliseconds(1);
    options_.backoff_first = absl::Milliseconds(2);
    options_.backoff_limit = absl::Milliseconds(20);
    options_.housekeeping = absl::Milliseconds(5);
  }
  void TearDown() override { KillWorker(); }

  void StartWorker() {
    Spool::Options spool;
    spool.directory = scratch_ / "spool";
    spool_ = *Spool::Open(spool);
    const auto channel = DialCoordinator(coordinator_.address());
    source_ = std::make_unique<CoordinatorArtifacts>(channel);
    artifacts_ = std::make_unique<ArtifactCache>(ArtifactCache::Options{scratch_ / "artifacts", {}},
                                                 source_.get());
    agent_ = std::make_unique<Agent>(options_, channel, spool_.get(), artifacts_.get());
    const absl::Status status = agent_->Start();
    ASSERT_TRUE(status.ok()) << status.message();
  }
  // As a kill -9 would: nothing is said to the coordinator.
  void KillWorker() {
    if (source_ != nullptr) source_->Stop();
    agent_.reset();
    artifacts_.reset();
    source_.reset();
    spool_.reset();
  }

  std::string MakeGate(const std::string& name) {
    const std::string path = scratch_ / name;
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    return path;
  }
  // Returns when an evaluator stands at the gate, which then goes on.
  static void OpenGate(const std::string& path) { close(open(path.c_str(), O_WRONLY)); }

  ScratchFolder scratch_;
  FakeCoordinator coordinator_;
  Agent::Options options_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<CoordinatorArtifacts> source_;
  std::unique_ptr<ArtifactCache> artifacts_;
  std::unique_ptr<Agent> agent_;
};

TEST_F(AgentTest, SaysWhoItIsAndWhatItsEvaluatorCanDo) {
  StartWorker();
  const v1::Hello hello = coordinator_.WaitForHello(1);
  EXPECT_EQ(hello.worker_id(), "0123");
  EXPECT_EQ(hello.name(), "tester");
  EXPECT_EQ(hello.inventory().cores(), 2u);
  EXPECT_EQ(hello.inventory().blas(), "FakeBLAS");
  ASSERT_EQ(hello.catalog().methods_size(), 1);
  EXPECT_EQ(hello.catalog().methods(0).id(), "count");
  EXPECT_THAT(hello.attempts(), IsEmpty());
}

TEST_F(AgentTest, CannotStartWithoutAnEvaluator) {
  options_.process.command.emplace_back("dies");
  Spool::Options spool;
  spool.directory = scratch_ / "spool";
  spool_ = *Spool::Open(spool);
  artifacts_ = std::make_unique<ArtifactCache>(ArtifactCache::Options{}, nullptr);
  agent_ = std::make_unique<Agent>(options_, DialCoordinator(coordinator_.address()), spool_.get(),
                                   artifacts_.get());
  const absl::Status status = agent_->Start();
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("error while loading shared libraries: libtorch.so"));
}

TEST_F(AgentTest, RunsAnAttemptAndForgetsItOnceAcknowledged) {
  StartWorker();
  coordinator_.SendStart(kOne, "count", 7);
  EXPECT_EQ(coordinator_.WaitForEnd(kOne).outcome(), v1::AttemptEnd::OUTCOME_DONE);
  EXPECT_EQ(coordinator_.SamplesOf(kOne), UpTo(7));
  coordinator_.WaitForHeartbeat([](const auto& heartbeat) { return heartbeat.running().empty(); });
  EXPECT_THAT(spool_->held(), IsEmpty());
  EXPECT_EQ(coordinator_.batches_repeated(), 0u);
}

TEST_F(AgentTest, RunsAsManySideBySideAsItHasCores) {
  StartWorker();
  const std::string first = MakeGate("first");
  const std::string second = MakeGate("second");
  coordinator_.SendStart(kOne, "gate", 2, {{"gate", first}});
  coordinator_.SendStart(kTwo, "gate", 2, {{"gate", second}});
  OpenGate(second);  // it is there while the first has not gone on
  EXPECT_EQ(coordinator_.WaitForEnd(kTwo).outcome(), v1::AttemptEnd::OUTCOME_DONE);
  OpenGate(first);
  EXPECT_EQ(coordinator_.WaitForEnd(kOne).outcome(), v1::AttemptEnd::OUTCOME_DONE);
}

TEST_F(AgentTest, AStartThatComesTwiceRunsOnce) {
  StartWorker();
  const std::string gate = MakeGate("gate");
  coordinator_.SendStart(kOne, "gate", 4, {{"gate", gate}});
  coordinator_.SendStart(kOne, "gate", 4, {{"gate", gate}});
  OpenGate(gate);
  coordinator_.WaitForEnd(kOne);
  coordinator_.WaitForHeartbeat([](const auto& heartbeat) { return heartbeat.running().empty(); });
  EXPECT_EQ(coordinator_.SamplesOf(kOne), UpTo(4));
}

TEST_F(AgentTest, AfterABrokenStreamItNamesWhatItHoldsAndSendsItAgain) {
  StartWorker();
  coordinator_.set_acknowledge(false);
  const std::string gate = MakeGate("gate");
  coordinator_.SendStart(kOne, "gate", 8, {{"gate", gate}});
  coordinator_.WaitForSample(kOne, 3);
  coordinator_.BreakStream();
  const v1::Hello hello = coordinator_.WaitForHello(2);
  ASSERT_EQ(hello.attempts_size(), 1);
  EXPECT_EQ(RefOf(hello.attempts(0)), kOne);
  coordinator_.set_acknowledge(true);
  OpenGate(gate);
  EXPECT_EQ(coordinator_.WaitForEnd(kOne).outcome(), v1::AttemptEnd::OUTCOME_DONE);
  EXPECT_EQ(coordinator_.SamplesOf(kOne), UpTo(8));
  EXPECT_GT(coordinator_.batches_repeated(), 0u);  // with the same contents: Record() looks
}

TEST_F(AgentTest, WorkGoesOnWhileTheCoordinatorIsAway) {
  options_.inventory.set_cores(1);
  StartWorker();
  const std::string first = MakeGate("first");
  const std::string second = MakeGate("second");
  coordinator_.SendStart(kOne, "gate", 6, {{"gate", first}});
  coordinator_.SendStart(kTwo, "gate", 6, {{"gate", second}});
  coordinator_.WaitForHeartbeat([](const auto& beat) { return beat.running_size() == 2; });
  coordinator_.set_refuse(true);
  coordinator_.BreakStream();
  OpenGate(first);
  OpenGate(second);  // it stands there: the first has ended and freed the only core
  coordinator_.set_refuse(false);
  EXPECT_EQ(coordinator_.WaitForHello(2).attempts_size(), 2);
  EXPECT_EQ(coordinator_.WaitForEnd(kOne).outcome(), v1::AttemptEnd::OUTCOME_DONE);
  EXPECT_EQ(coordinator_.WaitForEnd(kTwo).outcome(), v1::AttemptEnd::OUTCOME_DONE);
  EXPECT_EQ(coordinator_.SamplesOf(kOne), UpTo(6));
  EXPECT_EQ(coordinator_.SamplesOf(kTwo), UpTo(6));
}

TEST_F(AgentTest, AStaleAttemptIsDroppedAndStoppedWithinASecond) {
  StartWorker();
  coordinator_.set_acknowledge(false);
  coordinator_.SendStart(kOne, "hang", 8);
  coordinator_.WaitForSample(kOne, 3);
  const absl::Time begin = absl::Now();
  coordinator_.SendAck(kOne, 1, /*stale=*/true);
  coordinator_.WaitForHeartbeat([](const auto& heartbeat) { return heartbeat.running().empty(); });
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  EXPECT_THAT(spool_->held(), IsEmpty());
  coordinator_.BreakStream();
  EXPECT_THAT(coordinator_.WaitForHello(2).attempts(), IsEmpty());
}

TEST_F(AgentTest, ARevokedAttemptFreesItsCoreForTheNext) {
  options_.inventory.set_cores(1);
  StartWorker();
  coordinator_.SendStart(kOne, "patient", 2);
  coordinator_.SendStart(kTwo, "count", 2);
  v1::CoordinatorMessage revoke;
  *revoke.mutable_revoke()->mutable_attempt() = KeyOf(kOne);
  revoke.mutable_revoke()->set_reason("the sweep was cancelled");
  coordinator_.Send(revoke);
  EXPECT_EQ(coordinator_.WaitForEnd(kTwo).outcome(), v1::AttemptEnd::OUTCOME_DONE);
  EXPECT_THAT(coordinator_.SamplesOf(kOne), IsEmpty());
}

TEST_F(AgentTest, ADeadEvaluatorCostsOneAttemptAndItsResultsCount) {
  StartWorker();
  coordinator_.SendStart(kOne, "segv", 6);
  const v1::AttemptEnd end = coordinator_.WaitForEnd(kOne);
  EXPECT_EQ(end.outcome(), v1::AttemptEnd::OUTCOME_FAILED);
  EXPECT_THAT(end.error(), StartsWith("evaluator killed by signal 11 (SIGSEGV); its last words:"));
  EXPECT_THAT(end.error(), HasSubstr("ggml_new_object: not enough space"));
  EXPECT_EQ(coordinator_.SamplesOf(kOne), UpTo(3));
  coordinator_.SendStart(kTwo, "count", 3);
  EXPECT_EQ(coordinator_.WaitForEnd(kTwo).outcome(), v1::AttemptEnd::OUTCOME_DONE);
}

TEST_F(AgentTest, PassesOnWhyAnEvaluatorRefused) {
  StartWorker();
  coordinator_.SendStart(kOne, "refuse", 1);
  const v1::AttemptEnd end = coordinator_.WaitForEnd(kOne);
  EXPECT_EQ(end.outcome(), v1::AttemptEnd::OUTCOME_REFUSED);
  EXPECT_EQ(end.error(), "line 3 of the data is no JSON");
}

TEST_F(AgentTest, AfterARestartWhatWasSpooledIsSentAndWhatRanIsGivenUp) {
  StartWorker();
  coordinator_.set_acknowledge(false);
  coordinator_.SendStart(kOne, "hang", 8);
  coordinator_.SendStart(kTwo, "count", 4);
  coordinator_.WaitForSample(kOne, 3);
  coordinator_.WaitForEnd(kTwo);
  KillWorker();
  coordinator_.set_acknowledge(true);
  StartWorker();
  const v1::Hello hello = coordinator_.WaitForHello(2);
  EXPECT_EQ(hello.attempts_size(), 2);
  const v1::AttemptEnd end = coordinator_.WaitForEnd(kOne);
  EXPECT_EQ(end.outcome(), v1::AttemptEnd::OUTCOME_CANCELLED);
  EXPECT_THAT(end.error(), HasSubstr("restarted"));
  EXPECT_EQ(coordinator_.SamplesOf(kOne), UpTo(4));
  EXPECT_EQ(coordinator_.SamplesOf(kTwo), UpTo(4));
  coordinator_.WaitForHeartbeat([](const auto& heartbeat) { return heartbeat.running().empty(); });
  EXPECT_THAT(spool_->held(), IsEmpty());
}

TEST_F(AgentTest, BringsTheModelByItsDigest) {
  StartWorker();
  const std::string model = "GGUF of few bytes";
  coordinator_.AddArtifact(Sha256Hex(model), model);
  coordinator_.SendStart(kOne, "describe", 1, {{"model", Sha256Hex(model)}});
  EXPECT_THAT(coordinator_.WaitForEnd(kOne).error(),
              HasSubstr("model " + scratch_.path() + "/artifacts/"));
  coordinator_.WaitForHeartbeat([&](const auto& heartbeat) {
    return heartbeat.warm_models_size() == 1 && heartbeat.warm_models(0) == Sha256Hex(model);
  });
  coordinator_.SendStart(kTwo, "describe", 1, {{"model", Sha256Hex("another")}});
  EXPECT_THAT(coordinator_.WaitForEnd(kTwo).error(),
              HasSubstr("cannot get the model: no such digest"));
}

TEST_F(AgentTest, BringsCompanionModelsAndSaysWhereToKeepWhatIsLearned) {
  options_.learned_dir = "/somewhere/learned";
  StartWorker();
  const std::string model = "GGUF of few bytes", draft = "GGUF of fewer";
  coordinator_.AddArtifact(Sha256Hex(model), model);
  coordinator_.AddArtifact(Sha256Hex(draft), draft);
  coordinator_.SendStart(kOne, "describe", 1,
                         {{"model", Sha256Hex(model)}, {"companion", Sha256Hex(draft)}});
  const std::string error = coordinator_.WaitForEnd(kOne).error();
  EXPECT_THAT(error, HasSubstr("; companions " + scratch_.path() + "/artifacts/"));
  EXPECT_THAT(error, HasSubstr(Sha256Hex(draft).substr(4)));
  EXPECT_THAT(error, HasSubstr("; cache /somewhere/learned"));
  coordinator_.SendStart(
      kTwo, "describe", 1,
      {{"model", Sha256Hex(model)}, {"companion", Sha256Hex("not on the coordinator")}});
  EXPECT_THAT(coordinator_.WaitForEnd(kTwo).error(),
              HasSubstr("cannot get the companion model: no such digest"));
}

TEST_F(AgentTest, LetsAnEvaluatorInspectAFile) {
  options_.learned_dir = "/somewhere/learned";
  StartWorker();
  coordinator_.AddArtifact(Sha256Hex("{}"), "{}");
  v1::CoordinatorMessage inspect;
  inspect.mutable_inspect()->set_request_id(7);
  inspect.mutable_inspect()->set_suite("numbers");
  inspect.mutable_inspect()->set_digest(Sha256Hex("{}"));
  coordinator_.Send(inspect);
  v1::InspectReply reply = coordinator_.WaitForInspectReply();
  EXPECT_EQ(reply.request_id(), 7u);
  EXPECT_EQ(*ReadFile(reply.suite().data_format()), "{}");      // the fake evaluator says the path
  EXPECT_EQ(reply.suite().definition(), "/somewhere/learned");  // and the folder
  inspect.mutable_inspect()->set_suite("segv");
  coordinator_.Send(inspect);
  reply = coordinator_.WaitForInspectReply();
  ASSERT_EQ(reply.errors_size(), 1);
  EXPECT_THAT(reply.errors(0), HasSubstr("killed by signal 11"));
  inspect.mutable_inspect()->set_digest(Sha256Hex("never added"));
  coordinator_.Send(inspect);
  EXPECT_THAT(coordinator_.WaitForInspectReply().errors(0), HasSubstr("no such digest"));
}

TEST_F(AgentTest, DrainedByTheCoordinatorItFinishesAndStops) {
  StartWorker();
  const std::string gate = MakeGate("gate");
  coordinator_.SendStart(kOne, "gate", 4, {{"gate", gate}});
  coordinator_.WaitForSample(kOne, 1);
  v1::CoordinatorMessage drain;
  drain.mutable_drain();
  coordinator_.Send(drain);
  OpenGate(gate);
  agent_->WaitUntilStopped();
  EXPECT_EQ(coordinator_.WaitForEnd(kOne).outcome(), v1::AttemptEnd::OUTCOME_DONE);
  EXPECT_THAT(spool_->held(), IsEmpty());
}

TEST_F(AgentTest, StoppedItGivesUpWhatRunsButNotItsResults) {
  StartWorker();
  coordinator_.SendStart(kOne, "hang", 8);
  coordinator_.WaitForSample(kOne, 3);
  agent_->Drain(absl::ZeroDuration());
  agent_->WaitUntilStopped();
  const v1::AttemptEnd end = coordinator_.WaitForEnd(kOne);
  EXPECT_EQ(end.outcome(), v1::AttemptEnd::OUTCOME_CANCELLED);
  EXPECT_EQ(coordinator_.SamplesOf(kOne), UpTo(4));
}

TEST_F(AgentTest, StopsByItselfWhenIdle) {
  options_.exit_when_idle = absl::Milliseconds(1);
  StartWorker();
  agent_->WaitUntilStopped();
}

TEST_F(AgentTest, WithAFullDiskItSendsWhatItHasAndTakesNothingNew) {
  StartWorker();
  coordinator_.set_acknowledge(false);
  coordinator_.SendStart(kOne, "count", 3);
  coordinator_.WaitForEnd(kOne);
  KillWorker();
  // The same spool with no byte to spare.
  Spool::Options full;
  full.directory = scratch_ / "spool";
  full.limit_bytes = 1;
  spool_ = *Spool::Open(full);
  const auto channel = DialCoordinator(coordinator_.address());
  source_ = std::make_unique<CoordinatorArtifacts>(channel);
  artifacts_ = std::make_unique<ArtifactCache>(ArtifactCache::Options{scratch_ / "artifacts", {}},
                                               source_.get());
  agent_ = std::make_unique<Agent>(options_, channel, spool_.get(), artifacts_.get());
  ASSERT_TRUE(agent_->Start().ok());
  coordinator_.SendStart(kTwo, "count", 5);
  EXPECT_EQ(coordinator_.WaitForEnd(kTwo).outcome(), v1::AttemptEnd::OUTCOME_DONE);
  EXPECT_EQ(coordinator_.SamplesOf(kTwo), UpTo(5));
  const AttemptRef three{3, 1};
  coordinator_.SendStart(three, "count", 5);
  const v1::AttemptEnd end = coordinator_.WaitForEnd(three);
  EXPECT_EQ(end.outcome(), v1::AttemptEnd::OUTCOME_FAILED);
  EXPECT_THAT(end.error(), HasSubstr("has reached its limit"));
}

}  // namespace
}  // namespace entrobench
