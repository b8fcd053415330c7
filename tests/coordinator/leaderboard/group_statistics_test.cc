#include "coordinator/leaderboard/group_statistics.h"

#include <cmath>

#include "common/random.h"
#include "coordinator/leaderboard/cluster_bootstrap.h"
#include "coordinator/leaderboard/interval.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

TrialGroup Group(uint64_t seeds, uint64_t samples) {
  TrialGroup group;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    v1::TrialStatus& trial = group.trials.emplace_back();
    trial.mutable_trial()->set_id(seed);
    trial.mutable_trial()->set_seed(seed);
    trial.mutable_trial()->set_samples(samples);
    trial.mutable_trial()->mutable_suite()->set_id("arith");
    trial.mutable_totals()->set_samples(samples);
  }
  return group;
}

SampleOutcome Outcome(uint64_t id, const std::string& answer, bool right) {
  SampleOutcome outcome;
  outcome.sample_id = id;
  outcome.score = right ? 1 : 0;
  outcome.answer = answer;
  return outcome;
}

TEST(GroupStatistics, PassAndMajorityAreOverTheSeedsOfAProblem) {
  // Problem 0: 7, 7, 8 with 7 right. Problem 1: 1, 2, nothing, with 2 right.
  std::vector<TrialOutcomes> trials(3);
  trials[0].samples = {Outcome(0, "7", true), Outcome(1, "1", false)};
  trials[1].samples = {Outcome(0, "7", true), Outcome(1, "2", true)};
  trials[2].samples = {Outcome(0, "8", false), Outcome(1, "", false)};
  const GroupStatistics statistics = ComputeStatistics(Group(3, 2), trials);
  EXPECT_EQ(statistics.key, "1,2,3");
  EXPECT_EQ(statistics.suite, "arith");
  EXPECT_EQ(statistics.samples_covered, 6u);
  EXPECT_EQ(statistics.problems, 2u);
  const auto& pass = statistics.details.pass_at_k();
  const auto& vote = statistics.details.majority_at_k();
  ASSERT_EQ(pass.size(), 3);
  ASSERT_EQ(vote.size(), 3);
  EXPECT_NEAR(pass[0].value(), (2 / 3.0 + 1 / 3.0) / 2, 1e-12);
  EXPECT_NEAR(pass[1].value(), (1 + 2 / 3.0) / 2, 1e-12);
  EXPECT_NEAR(pass[2].value(), 1, 1e-12);
  EXPECT_EQ(vote[2].k(), 3u);
  // Of 7, 7, 8 always 7; of 1, 2, nothing half the time 2.
  EXPECT_NEAR(vote[2].value(), (1 + 0.5) / 2, 1e-12);
  EXPECT_FALSE(statistics.details.has_uncertainty());
}

TEST(GroupStatistics, SeedsOfAnOrderedSuiteAreNotTriesAtAProblem) {
  std::vector<TrialOutcomes> trials(2);
  trials[0].samples = {Outcome(0, "coat", true)};
  trials[1].samples = {Outcome(0, "bag", false)};
  TrialGroup group = Group(2, 1);
  for (v1::TrialStatus& trial : group.trials) {
    trial.mutable_trial()->mutable_suite()->set_ordered(true);
  }
  EXPECT_TRUE(ComputeStatistics(group, trials).details.pass_at_k().empty());
}

TEST(GroupStatistics, UncertaintyIsTakenFromTheSamplesThatHaveOne) {
  std::vector<TrialOutcomes> trials(1);
  Random random(1, 1);
  for (uint64_t id = 0; id < 400; ++id) {
    SampleOutcome outcome = Outcome(id, "x", random.Below(2) == 0);
    // Wrong ones are more uncertain by one standard deviation: AUROC = Phi(1 / sqrt(2)) = 0.760.
    if (id % 4 != 0) outcome.uncertainty = random.Normal() + (outcome.score < 1 ? 1 : 0);
    trials[0].samples.push_back(outcome);
  }
  trials[0].metrics["depth"] = 3.5;
  const GroupStatistics statistics = ComputeStatistics(Group(1, 400), trials);
  EXPECT_EQ(statistics.kind, kWilson);
  EXPECT_TRUE(statistics.details.pass_at_k().empty());
  EXPECT_EQ(statistics.details.metrics().at("depth"), 3.5);
  const v1::Uncertainty& uncertainty = statistics.details.uncertainty();
  EXPECT_EQ(uncertainty.samples(), 300u);
  EXPECT_NEAR(uncertainty.auroc(), 0.760, 0.06);
  EXPECT_LT(uncertainty.auroc_interval().low(), uncertainty.auroc());
  EXPECT_GT(uncertainty.prr(), 0.2);
  EXPECT_LT(uncertainty.risk_at_80(), 0.5);
  EXPECT_EQ(uncertainty.curve_size(), 0);  // a row carries no curves
  const auto with_curves = UncertaintyOf(trials, /*with_curves=*/true);
  EXPECT_EQ(with_curves->curve_size(), 100);
  EXPECT_GT(with_curves->reliability_size(), 2);
  EXPECT_EQ(with_curves->auroc(), uncertainty.auroc());
}

TEST(GroupStatistics, SaysWhereThereIsNothingToSay) {
  std::vector<TrialOutcomes> trials(1);
  for (uint64_t id = 0; id < 5; ++id) {
    trials[0].samples.push_back(Outcome(id, "x", true));
    trials[0].samples.back().uncertainty = 0.5;
  }
  const auto uncertainty = UncertaintyOf(trials, true);
  ASSERT_TRUE(uncertainty.has_value());
  EXPECT_TRUE(std::isnan(uncertainty->auroc()));
  EXPECT_FALSE(uncertainty->has_auroc_interval());
  EXPECT_TRUE(std::isnan(uncertainty->prr()));
  EXPECT_FALSE(UncertaintyOf(std::vector<TrialOutcomes>(2), true).has_value());
}

TEST(GroupStatistics, OfAnOtherVersionAreOutOfDate) {
  const TrialGroup group = Group(2, 10);
  GroupStatistics statistics;
  statistics.key = group.Key();
  statistics.samples_covered = 20;
  statistics.version = kStatisticsVersion;
  EXPECT_NE(FindStatistics(group, {{statistics.key, statistics}}), nullptr);
  statistics.version = kStatisticsVersion - 1;
  EXPECT_EQ(FindStatistics(group, {{statistics.key, statistics}}), nullptr);
  statistics.version = kStatisticsVersion;
  statistics.samples_covered = 19;
  EXPECT_EQ(FindStatistics(group, {{statistics.key, statistics}}), nullptr);
}

}  // namespace
}  // namespace entrobench
