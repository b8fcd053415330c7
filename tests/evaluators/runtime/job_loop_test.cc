#include "evaluators/runtime/job_loop.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <stdexcept>
#include <thread>

#include "absl/time/clock.h"
#include "common/frame.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

using testing::HasSubstr;

// A family with one suite and one method that does what the model's name says.
class FakeFamily : public Family {
 public:
  explicit FakeFamily(std::string name) : name_(std::move(name)) {}

  std::string name() const override { return name_; }

  void Describe(v1::Catalog* catalog) const override {
    v1::MethodInfo* method = catalog->add_methods();
    method->set_id(name_ + "-method");
    method->set_version("2");
    method->set_family(name_);
    v1::SuiteInfo* suite = catalog->add_suites();
    suite->set_id(name_ + "-suite");
    suite->set_family(name_);
  }

  absl::Status Run(const v1::RunAttempt& run, ResultSink* sink,
                   const CancelToken& cancel) override {
    const std::string& behaviour = run.start().trial().model().name();
    if (behaviour == "bad input") return absl::InvalidArgumentError("d.jsonl:3: no JSON");
    if (behaviour == "bad model") return absl::FailedPreconditionError("no logits");
    if (behaviour == "throw") throw std::runtime_error("c10::Error of libtorch");
    if (behaviour == "wait") {
      sink->Sample(v1::SampleResult());
      while (!cancel.cancelled()) std::this_thread::yield();
      return absl::CancelledError("cancelled");
    }
    if (behaviour == "deaf") {
      sink->Sample(v1::SampleResult());
      for (;;) std::this_thread::yield();  // as a library that computes and never looks up
    }
    sink->ModelLoaded("digest", absl::Seconds(2));
    for (uint64_t id = run.start().begin(); id < run.start().end(); ++id) {
      v1::SampleResult sample;
      sample.set_sample_id(id);
      sample.set_answer(name_);
      sink->Sample(sample);
    }
    return absl::OkStatus();
  }

  void Inspect(const v1::InspectData& inspect, v1::InspectReply* reply) override {
    reply->mutable_suite()->set_title(name_ + " read " + inspect.data_path());
  }

  bool ReadsDefinition(absl::string_view definition) const override {
    return definition == "for " + name_;
  }

 private:
  const std::string name_;
};

// A loop with two families, spoken to over pipes as a worker would.
class JobLoopTest : public testing::Test {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(pipe(to_loop_), 0);
    ASSERT_EQ(pipe(from_loop_), 0);
  }
  JobLoop::Options Options() const {
    JobLoop::Options options;
    options.from_worker = to_loop_[0];
    options.to_worker = from_loop_[1];
    options.blas = "some BLAS";
    return options;
  }
  void StartLoop() {
    JobLoop::Options options = Options();
    options.worker_gone = [] {};
    loop_ = std::make_unique<JobLoop>(std::vector<Family*>{&red_, &blue_}, options);
    thread_ = std::thread([this] { EXPECT_TRUE(loop_->Run().ok()); });
    EXPECT_TRUE(Next().has_hello());
  }
  void TearDown() override {
    close(to_loop_[1]);
    if (thread_.joinable()) thread_.join();
    close(to_loop_[0]);
    close(from_loop_[0]);
    close(from_loop_[1]);
  }

  v1::FromEvaluator Next() {
    v1::FromEvaluator message;
    EXPECT_TRUE(ReadFrame(from_loop_[0], &message).ok());
    return message;
  }
  void Send(const v1::ToEvaluator& message) { EXPECT_TRUE(WriteFrame(to_loop_[1], message).ok()); }
  v1::ToEvaluator Job(const std::string& family, const std::string& behaviour,
                      uint64_t samples = 2) {
    v1::ToEvaluator message;
    v1::StartAttempt* start = message.mutable_run()->mutable_start();
    start->set_end(samples);
    start->mutable_trial()->set_samples(samples);
    start->mutable_trial()->mutable_method()->set_id(family + "-method");
    start->mutable_trial()->mutable_method()->set_version("2");
    start->mutable_trial()->mutable_suite()->set_id(family + "-suite");
    start->mutable_trial()->mutable_model()->set_name(behaviour);
    return message;
  }
  v1::AttemptEnd EndOf(const v1::ToEvaluator& job) {
    Send(job);
    for (;;) {
      const v1::FromEvaluator message = Next();
      if (message.has_end()) return message.end();
    }
  }

  FakeFamily red_{"red"};
  FakeFamily blue_{"blue"};
  int to_loop_[2];
  int from_loop_[2];
  std::unique_ptr<JobLoop> loop_;
  std::thread thread_;
};

TEST_F(JobLoopTest, SaysFirstWhatItCanRun) {
  JobLoop::Options options = Options();
  options.worker_gone = [] {};
  loop_ = std::make_unique<JobLoop>(std::vector<Family*>{&red_, &blue_}, options);
  thread_ = std::thread([this] { EXPECT_TRUE(loop_->Run().ok()); });
  const v1::FromEvaluator hello = Next();
  ASSERT_TRUE(hello.has_hello());
  EXPECT_EQ(hello.hello().blas(), "some BLAS");
  EXPECT_EQ(hello.hello().catalog().methods_size(), 2);
  EXPECT_EQ(hello.hello().catalog().suites(1).id(), "blue-suite");
}

TEST_F(JobLoopTest, GivesEachAttemptToItsFamilyAndReportsInOrder) {
  StartLoop();
  for (const std::string family : {"red", "blue", "red"}) {
    Send(Job(family, "work"));
    EXPECT_EQ(Next().loaded().seconds(), 2);
    for (uint64_t id = 0; id < 2; ++id) {
      const v1::FromEvaluator message = Next();
      EXPECT_EQ(message.sample().sample_id(), id);
      EXPECT_EQ(message.sample().answer(), family);
    }
    EXPECT_EQ(Next().end().outcome(), v1::AttemptEnd::OUTCOME_DONE);
  }
}

TEST_F(JobLoopTest, AUsersOwnSuiteGoesToItsMethodsFamily) {
  StartLoop();
  v1::ToEvaluator job = Job("blue", "work");
  job.mutable_run()->mutable_start()->mutable_trial()->mutable_suite()->set_id("mine");
  EXPECT_THAT(EndOf(job).error(), HasSubstr("has no suite 'mine'"));
  job.mutable_run()->mutable_start()->mutable_trial()->mutable_suite()->set_definition("yaml");
  EXPECT_EQ(EndOf(job).outcome(), v1::AttemptEnd::OUTCOME_DONE);
}

TEST_F(JobLoopTest, TellsWrongInputFromBadLuck) {
  StartLoop();
  v1::AttemptEnd end = EndOf(Job("red", "bad input"));
  EXPECT_EQ(end.outcome(), v1::AttemptEnd::OUTCOME_REFUSED);
  EXPECT_EQ(end.error(), "d.jsonl:3: no JSON");
  EXPECT_EQ(EndOf(Job("red", "bad model")).outcome(), v1::AttemptEnd::OUTCOME_REFUSED);
  end = EndOf(Job("red", "throw"));
  EXPECT_EQ(end.outcome(), v1::AttemptEnd::OUTCOME_FAILED);
  EXPECT_EQ(end.error(), "exception: c10::Error of libtorch");
  EXPECT_EQ(EndOf(Job("red", "work")).outcome(), v1::AttemptEnd::OUTCOME_DONE);
}

TEST_F(JobLoopTest, WhatThisBuildLacksIsNotTheInputsFault) {
  StartLoop();
  v1::ToEvaluator job = Job("red", "work");
  job.mutable_run()->mutable_start()->mutable_trial()->mutable_method()->set_version("3");
  v1::AttemptEnd end = EndOf(job);
  EXPECT_EQ(end.outcome(), v1::AttemptEnd::OUTCOME_FAILED);
  EXPECT_THAT(end.error(), HasSubstr("has version 2 of red-method, the trial wants 3"));
  job.mutable_run()->mutable_start()->mutable_trial()->mutable_method()->set_id("red-methd");
  end = EndOf(job);
  EXPECT_EQ(end.outcome(), v1::AttemptEnd::OUTCOME_FAILED);
  EXPECT_THAT(end.error(), HasSubstr("did you mean 'red-method'?"));
}

TEST_F(JobLoopTest, RefusesAMethodOnAnotherFamilysSuite) {
  StartLoop();
  v1::ToEvaluator job = Job("red", "work");
  job.mutable_run()->mutable_start()->mutable_trial()->mutable_suite()->set_id("blue-suite");
  EXPECT_EQ(EndOf(job).outcome(), v1::AttemptEnd::OUTCOME_REFUSED);
}

TEST_F(JobLoopTest, ACancelReachesTheAttemptThatRunsAndNoLaterOne) {
  StartLoop();
  Send(Job("red", "wait", 1));
  EXPECT_TRUE(Next().has_sample());
  v1::ToEvaluator cancel;
  cancel.mutable_cancel();
  Send(cancel);
  EXPECT_EQ(Next().end().outcome(), v1::AttemptEnd::OUTCOME_CANCELLED);
  EXPECT_EQ(EndOf(Job("red", "work")).outcome(), v1::AttemptEnd::OUTCOME_DONE);
}

TEST_F(JobLoopTest, InspectsWithTheFamilyOfTheSuiteOrOfTheDefinition) {
  StartLoop();
  v1::ToEvaluator message;
  message.mutable_inspect()->set_data_path("/data/q.jsonl");
  v1::InspectRequest* request = message.mutable_inspect()->mutable_request();
  request->set_request_id(5);
  request->set_suite("blue-suite");
  Send(message);
  v1::InspectReply reply = Next().inspect_reply();
  EXPECT_EQ(reply.request_id(), 5u);
  EXPECT_EQ(reply.suite().title(), "blue read /data/q.jsonl");
  request->set_suite("mine");
  request->set_definition("for blue");
  Send(message);
  EXPECT_EQ(Next().inspect_reply().suite().title(), "blue read /data/q.jsonl");
  request->set_definition("for green");
  Send(message);
  EXPECT_EQ(Next().inspect_reply().errors_size(), 1);
}

TEST_F(JobLoopTest, EndsWithinASecondOfItsWorkerEvenWhileItComputes) {
  const pid_t evaluator = fork();
  if (evaluator == 0) {
    close(to_loop_[1]);
    JobLoop loop({&red_}, Options());  // ends the process, as main() wants it
    (void)loop.Run();
    _exit(9);
  }
  EXPECT_TRUE(Next().has_hello());
  Send(Job("red", "deaf"));
  EXPECT_TRUE(Next().has_sample());
  const absl::Time begin = absl::Now();
  close(to_loop_[1]);  // all that the death of a worker does
  int status = 0;
  ASSERT_EQ(waitpid(evaluator, &status, 0), evaluator);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  to_loop_[1] = dup(0);  // for TearDown to close
}

TEST(MakeCatalog, RefusesTwoOfOneName) {
  FakeFamily one("red");
  FakeFamily other("red");
  EXPECT_EQ(MakeCatalog({&one, &other}).status().message(), "two methods are called 'red-method'");
}

}  // namespace
}  // namespace entrobench
