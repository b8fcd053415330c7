#include "evaluators/runtime/attempt_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <limits>

#include "common/frame.h"
#include "entrobench/v1/evaluator.pb.h"
#include "evaluators/runtime/sample_payload.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

using testing::HasSubstr;

v1::SampleResult Sample(uint64_t id) {
  v1::SampleResult sample;
  sample.set_sample_id(id);
  sample.set_score(1);
  return sample;
}

v1::StartAttempt Job(uint64_t begin, uint64_t end, std::vector<uint64_t> skip = {}) {
  v1::StartAttempt start;
  start.set_begin(begin);
  start.set_end(end);
  for (const uint64_t id : skip) start.add_skip(id);
  return start;
}

// A sink whose messages come out of a pipe.
class AttemptSinkTest : public testing::Test {
 protected:
  AttemptSinkTest() {
    if (pipe(ends_) != 0) std::abort();
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);  // an empty pipe is an error, not a wait
    writer_ = std::make_unique<MessageWriter>(ends_[1]);
  }
  ~AttemptSinkTest() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  // Ids of the samples that were passed on since the last call.
  std::vector<uint64_t> Passed() {
    std::vector<uint64_t> ids;
    for (v1::FromEvaluator message; ReadFrame(ends_[0], &message).ok();) {
      ids.push_back(message.sample().sample_id());
      last_ = message.sample();
    }
    return ids;
  }

  int ends_[2];
  std::unique_ptr<MessageWriter> writer_;
  CancelToken cancel_;
  v1::SampleResult last_;
};

TEST_F(AttemptSinkTest, AJobIsDoneWithTheLastSampleThatWasNotSkipped) {
  AttemptSink sink(Job(10, 14, {11}), writer_.get(), &cancel_);
  sink.Sample(Sample(13));
  sink.Sample(Sample(10));
  EXPECT_EQ(sink.Finish(absl::OkStatus()).message(), "the attempt ended without 1 of its samples");
  sink.Sample(Sample(12));
  EXPECT_TRUE(sink.Finish(absl::OkStatus()).ok());
  EXPECT_EQ(Passed(), (std::vector<uint64_t>{13, 10, 12}));
}

TEST_F(AttemptSinkTest, WhatTheFamilySaysStands) {
  AttemptSink sink(Job(0, 2), writer_.get(), &cancel_);
  EXPECT_TRUE(absl::IsInvalidArgument(sink.Finish(absl::InvalidArgumentError("line 3"))));
  EXPECT_TRUE(absl::IsCancelled(sink.Finish(absl::CancelledError(""))));
}

TEST_F(AttemptSinkTest, ASampleThatWouldFalsifyTheScoreEndsTheAttempt) {
  for (const uint64_t wrong : {uint64_t{9}, uint64_t{14}, uint64_t{11}, uint64_t{10}}) {
    CancelToken cancel;
    AttemptSink sink(Job(10, 14, {11}), writer_.get(), &cancel);
    sink.Sample(Sample(10));
    EXPECT_FALSE(cancel.cancelled());
    sink.Sample(Sample(wrong));
    EXPECT_TRUE(cancel.cancelled()) << wrong;
    EXPECT_EQ(sink.Finish(absl::CancelledError("")).code(), absl::StatusCode::kInternal);
    EXPECT_EQ(Passed(), std::vector<uint64_t>{10});
  }
}

TEST_F(AttemptSinkTest, NumbersThatNoTableCanHoldBecomeErrorsWithTheTextsKept) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<std::function<void(v1::SampleResult*)>> spoilers = {
      [&](v1::SampleResult* s) { s->set_score(nan); },
      [&](v1::SampleResult* s) { s->set_score(1.01); },
      [&](v1::SampleResult* s) { s->set_confidence(-0.1); },
      [&](v1::SampleResult* s) { s->set_mean_entropy(infinity); },
      [&](v1::SampleResult* s) { s->set_mean_logprob(-infinity); },
      [&](v1::SampleResult* s) { s->set_seconds(nan); },
      [&](v1::SampleResult* s) { (*s->mutable_metrics())["spread"] = nan; },
  };
  for (size_t i = 0; i < spoilers.size(); ++i) {
    AttemptSink sink(Job(0, 1), writer_.get(), &cancel_);
    v1::SampleResult sample = Sample(0);
    sample.set_generated_tokens(5);
    sample.mutable_payload()->set_prompt("What is 1 + 1?");
    spoilers[i](&sample);
    sink.Sample(sample);
    ASSERT_EQ(Passed().size(), 1u);
    EXPECT_THAT(last_.error(), HasSubstr("the method reported a ")) << i;
    EXPECT_EQ(last_.score(), 0);
    EXPECT_EQ(last_.mean_entropy(), 0);
    EXPECT_FALSE(last_.has_confidence());
    EXPECT_EQ(last_.generated_tokens(), 5u);
    EXPECT_EQ(last_.payload().prompt(), "What is 1 + 1?");
  }
}

v1::SampleResult LargeSample() {
  v1::SampleResult sample = Sample(1);
  sample.set_answer("42");
  v1::Branch* branch = sample.mutable_payload()->add_branches();
  branch->set_text(std::string(1000, 't'));
  for (int i = 0; i < 1000; ++i) {
    branch->mutable_tokens()->add_text("t");
    branch->mutable_tokens()->add_entropy(1);
    v1::TopTokens* top = branch->mutable_tokens()->add_top();
    for (int j = 0; j < 10; ++j) top->add_text("alternative");
  }
  return sample;
}

TEST(SamplePayload, KeepsWhatTheSweepKeeps) {
  v1::SampleResult all = LargeSample();
  KeepOnly(v1::KEEP_ALL, &all);
  EXPECT_EQ(all.SerializeAsString(), LargeSample().SerializeAsString());
  v1::SampleResult text = LargeSample();
  KeepOnly(v1::KEEP_TEXT, &text);
  EXPECT_EQ(text.payload().branches(0).text().size(), 1000u);
  EXPECT_FALSE(text.payload().branches(0).has_tokens());
  v1::SampleResult numbers = LargeSample();
  KeepOnly(v1::KEEP_NUMBERS, &numbers);
  EXPECT_FALSE(numbers.has_payload());
  EXPECT_EQ(numbers.answer(), "42");
}

TEST(SamplePayload, LosesTheBulkiestPartsFirstUntilItFits) {
  const size_t whole = LargeSample().ByteSizeLong();
  v1::SampleResult sample = LargeSample();
  LimitPayload(whole, &sample);
  EXPECT_EQ(sample.SerializeAsString(), LargeSample().SerializeAsString());
  LimitPayload(whole - 1, &sample);
  EXPECT_EQ(sample.payload().branches(0).tokens().top_size(), 0);
  EXPECT_EQ(sample.payload().branches(0).tokens().text_size(), 1000);
  sample = LargeSample();
  LimitPayload(2000, &sample);
  EXPECT_FALSE(sample.payload().branches(0).has_tokens());
  EXPECT_EQ(sample.payload().branches(0).text().size(), 1000u);
  EXPECT_THAT(sample.payload().judgement(), HasSubstr("too large to keep"));
  sample = LargeSample();
  LimitPayload(100, &sample);
  EXPECT_EQ(sample.payload().branches_size(), 0);
  EXPECT_EQ(sample.answer(), "42");
  EXPECT_LE(sample.ByteSizeLong(), 100u);
}

}  // namespace
}  // namespace entrobench
