// Test-time adaptation the whole way: shipped networks, real images, real processes; and a user's
// own network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/cluster.h"
#include "tests/evaluators/adaptation/data/files.h"

namespace entrobench {
namespace {

using testing::HasSubstr;

constexpr uint64_t kImages = 500;

class Adaptation : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_.StartCoordinator();
    cluster_.StartWorker(0);
    cluster_.WaitForWorkers(1);
  }

  std::vector<std::string> Methods() {
    grpc::ClientContext context;
    v1::ListMethodsReply reply;
    EXPECT_TRUE(cluster_.stub().ListMethods(&context, {}, &reply).ok());
    std::vector<std::string> ids;
    for (const v1::MethodInfo& method : reply.methods()) {
      if (method.family() == "adaptation") ids.push_back(method.id());
    }
    return ids;
  }
  v1::TrialDetail Detail(uint64_t trial) {
    grpc::ClientContext context;
    v1::GetTrialRequest request;
    request.set_id(trial);
    v1::TrialDetail detail;
    EXPECT_TRUE(cluster_.stub().GetTrial(&context, request, &detail).ok());
    return detail;
  }

  Cluster cluster_;
};

TEST_F(Adaptation, EveryMethodOnThreeNetworksIsAnOrdinarySweep) {
  const std::vector<std::string> methods = Methods();
  ASSERT_GE(methods.size(), 12u);
  std::string yaml = absl::StrCat(
      "name: reduced\nsuite: fashion-mnist-c\nmodels: [fashion-bn, fashion-gn, fashion-vit]\n"
      "limit: ",
      kImages, "\nkeep: numbers\noptions: {corruptions: \"gaussian_noise,contrast\"}\nmethods:\n");
  for (const std::string& id : methods) {
    if (id == "adte") {
      absl::StrAppend(&yaml, "  - {name: adte, params: {views: 8}}\n");
    } else if (id == "dynamic-scale") {  // these networks have no scales
      absl::StrAppend(&yaml, "  - {name: dynamic-scale, params: {parameters: head, steps: 1}}\n");
    } else {
      absl::StrAppend(&yaml, "  - ", id, "\n");
    }
  }
  const uint64_t sweep = cluster_.Submit(yaml);
  cluster_.WaitForEnd(sweep, absl::Minutes(4));
  const v1::GetSweepReply reply = cluster_.Sweep(sweep);
  for (const v1::FailedJob& failure : reply.failures()) {
    ADD_FAILURE() << "trial " << failure.trial_id() << ": " << failure.errors(0);
  }
  ASSERT_EQ(static_cast<size_t>(reply.trials_size()), 3 * methods.size());
  ExpectComplete(cluster_, sweep);

  std::map<std::string, std::map<std::string, double>> scores;  // model, method
  for (const v1::TrialStatus& trial : reply.trials()) {
    const std::string what =
        absl::StrCat(trial.trial().method().id(), " on ", trial.trial().model().name());
    const double score = trial.totals().score_sum() / kImages;
    scores[trial.trial().model().name()][trial.trial().method().id()] = score;
    const v1::TrialDetail detail = Detail(trial.trial().id());
    const auto& metrics = detail.metrics();
    EXPECT_NEAR(metrics.at("mean corruption error"), 1 - score, 1e-9) << what;
    EXPECT_NEAR(metrics.at("mean corruption error"),
                (metrics.at("error/gaussian_noise") + metrics.at("error/contrast")) / 2, 1e-9)
        << what;
    EXPECT_THAT(detail.series(), testing::Contains("online error")) << what;
    EXPECT_THAT(detail.series(), testing::Each(testing::Not(HasSubstr("summary")))) << what;
  }
  for (const auto& [model, of_model] : scores) {
    for (const auto& [method, score] : of_model) {
      EXPECT_GT(score, 0.1) << method << " on " << model << " is no better than chance";
    }
  }
  // What statistics of the batch bring where there is batch norm, and cannot where there is none.
  EXPECT_GT(scores["fashion-bn"]["bn-adapt"], scores["fashion-bn"]["source"] + 0.02);
  EXPECT_EQ(scores["fashion-gn"]["bn-adapt"], scores["fashion-gn"]["source"]);

  // The gain that a trial states is the difference of two rows of the leaderboard.
  for (const v1::TrialStatus& trial : reply.trials()) {
    const auto& of_model = scores[trial.trial().model().name()];
    EXPECT_NEAR(Detail(trial.trial().id()).metrics().at("gain over source"),
                of_model.at(trial.trial().method().id()) - of_model.at("source"), 1e-9);
  }
  const CommandResult board = cluster_.Cli({"leaderboard", "--suite", "fashion-mnist-c"});
  EXPECT_EQ(board.exit_code, 0) << board.err;
  EXPECT_THAT(board.out, testing::AllOf(HasSubstr("gain over source"), HasSubstr("tent")));
}

TEST_F(Adaptation, WhatCannotRunIsRefusedOrFailsOnce) {
  // At submission: methods and models that do not fit.
  const std::string reasoning = cluster_.WriteFile(
      "reasoning.yaml", "suite: fashion-mnist-c\nmodel: tiny-reasoner-mini\nmethods: [tent]\n");
  const CommandResult refused = cluster_.Cli({"submit", reasoning});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("tiny-reasoner-mini"));

  // When adding: what is no TorchScript file.
  const std::string text = cluster_.WriteFile("net.pt", "no network at all");
  const CommandResult added = cluster_.Cli({"models", "add", "mine", text});
  EXPECT_NE(added.exit_code, 0);
  EXPECT_THAT(added.err, HasSubstr("TorchScript"));

  // In the job: a network without what the method moves. Once, not three times.
  const uint64_t sweep = cluster_.Submit(
      "suite: fashion-mnist-c\nmodel: fashion-bn\nlimit: 64\nmethods: [source, dynamic-scale]\n");
  cluster_.WaitForEnd(sweep);
  const v1::GetSweepReply reply = cluster_.Sweep(sweep);
  ASSERT_EQ(reply.failures_size(), 1);
  ASSERT_EQ(reply.failures(0).errors_size(), 1);
  EXPECT_THAT(reply.failures(0).errors(0), HasSubstr("log_scale"));
}

// A folder of a user's own goes through the command line, a worker and back; what does not fit it
// is refused in the job, once.
TEST_F(Adaptation, AUsersFolderOfImagesBecomesASuite) {
  const std::string folder = cluster_.folder() + "/my-cifar";
  for (const char* name : {"fog", "snow"}) {
    WriteBytes(folder + "/" + name + ".npy",
               NpyBytes("|u1", {20, 28, 28, 3}, std::string(size_t{20} * 28 * 28 * 3, 'x')));
  }
  WriteBytes(folder + "/labels.npy", NpyBytes("|u1", {20}, std::string(20, '\x0c')));
  CommandResult added = cluster_.Cli({"data", "add", "cifar-10-c", folder});
  EXPECT_NE(added.exit_code, 0);
  EXPECT_THAT(added.err, HasSubstr("my-cifar/labels.npy: image 0 is of class 12; expected 0 to 9"));

  WriteBytes(folder + "/labels.npy", NpyBytes("|u1", {20}, std::string(20, '\3')));
  added = cluster_.Cli({"data", "add", "cifar-10-c", folder});
  EXPECT_EQ(added.exit_code, 0) << added.err;
  EXPECT_THAT(added.out, HasSubstr("4 samples"));

  const uint64_t sweep =
      cluster_.Submit("suite: cifar-10-c\nmodel: fashion-bn\nmethods: [source]\n");
  cluster_.WaitForEnd(sweep);
  const v1::GetSweepReply reply = cluster_.Sweep(sweep);
  ASSERT_EQ(reply.failures_size(), 1);
  ASSERT_EQ(reply.failures(0).errors_size(), 1);
  EXPECT_THAT(reply.failures(0).errors(0),
              HasSubstr("model fashion-bn does not take pictures of 3 x 28 x 28"));
}

// Killed in the middle: the trial's results are those of one attempt, and each image is there once.
TEST_F(Adaptation, AKilledEvaluatorStartsTheStreamAfresh) {
  const uint64_t sweep = cluster_.Submit(
      "suite: fashion-mnist-c\nmodel: fashion-bn\nlimit: 2000\nkeep: numbers\nmethods: [tent]\n");
  const auto points = [&] {
    const v1::GetSweepReply reply = cluster_.Sweep(sweep);
    return Detail(reply.trials(0).trial().id()).series_size();
  };
  ASSERT_TRUE(WaitFor([&] { return points() > 0; }, absl::Seconds(60)));
  for (const pid_t evaluator : cluster_.Evaluators()) kill(evaluator, SIGKILL);
  ASSERT_EQ(cluster_.Sweep(sweep).trials(0).state(), v1::STATE_RUNNING);  // hit in the middle
  cluster_.WaitForEnd(sweep, absl::Minutes(3));
  ExpectComplete(cluster_, sweep);
  const v1::GetSweepReply reply = cluster_.Sweep(sweep);
  const v1::TrialStatus& trial = reply.trials(0);
  EXPECT_EQ(trial.state(), v1::STATE_DONE);
  EXPECT_NEAR(Detail(trial.trial().id()).metrics().at("mean corruption error"),
              1 - trial.totals().score_sum() / 2000, 1e-9);
}

}  // namespace
}  // namespace entrobench
