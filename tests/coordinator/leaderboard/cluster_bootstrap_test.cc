#include "coordinator/leaderboard/cluster_bootstrap.h"

#include <cmath>
#include <vector>

#include "common/random.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

// `problems` problems with `seeds` runs each; a problem's runs agree with probability `agreement`,
// else they are independent; half are right.
std::vector<ProblemScores> Draw(int problems, int seeds, double agreement, uint64_t seed) {
  Random random(seed, 99);
  std::vector<ProblemScores> scores;
  for (int i = 0; i < problems; ++i) {
    const bool agree = random.Uniform() < agreement;
    const bool all = random.Uniform() < 0.5;
    double sum = 0;
    for (int j = 0; j < seeds; ++j) sum += (agree ? all : random.Uniform() < 0.5) ? 1 : 0;
    scores.push_back({sum, static_cast<uint32_t>(seeds)});
  }
  return scores;
}

double Width(const ScoreInterval& interval) { return interval.high - interval.low; }

TEST(ClusterBootstrap, IsTheNormalIntervalOfTheProblemsMeans) {
  // With many problems it must agree with mean +- 1.96 standard errors of the problems' means.
  const std::vector<ProblemScores> problems = Draw(1000, 3, 0.7, 1);
  double sum = 0, squares = 0;
  for (const ProblemScores& problem : problems) {
    sum += problem.sum / 3;
    squares += problem.sum / 3 * problem.sum / 3;
  }
  const double mean = sum / 1000;
  const double error = std::sqrt((squares / 1000 - mean * mean) / 1000);
  const ClusterInterval result = ClusterBootstrap(problems, 7);
  EXPECT_EQ(result.kind, kClusterBootstrap);
  EXPECT_NEAR(result.interval.low, mean - 1.96 * error, 0.15 * error);
  EXPECT_NEAR(result.interval.high, mean + 1.96 * error, 0.15 * error);
}

TEST(ClusterBootstrap, SeedsThatAgreeAreNoNewEvidence) {
  // Three seeds that always agree say what one says; three independent ones say three times more.
  const double one = Width(ClusterBootstrap(Draw(400, 1, 1, 3), 7).interval);
  const double agreeing = Width(ClusterBootstrap(Draw(400, 3, 1, 3), 7).interval);
  const double independent = Width(ClusterBootstrap(Draw(400, 3, 0, 3), 7).interval);
  EXPECT_NEAR(agreeing / one, 1, 0.1);
  EXPECT_NEAR(independent / one, 1 / std::sqrt(3), 0.1);
}

TEST(ClusterBootstrap, IsAPureFunctionOfItsArguments) {
  const std::vector<ProblemScores> problems = Draw(50, 2, 0.5, 5);
  const ScoreInterval a = ClusterBootstrap(problems, 11).interval;
  const ScoreInterval b = ClusterBootstrap(problems, 11).interval;
  const ScoreInterval c = ClusterBootstrap(problems, 12).interval;
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_TRUE(a.low != c.low || a.high != c.high);
}

TEST(ClusterBootstrap, CoversTheTruthAboutAsOftenAsItSays) {
  int covered = 0;
  constexpr int kTrials = 150;
  for (int i = 0; i < kTrials; ++i) {
    const auto result = ClusterBootstrap(Draw(60, 2, 0.6, 1000 + static_cast<uint64_t>(i)), 7);
    covered += result.interval.low <= 0.5 && 0.5 <= result.interval.high;
  }
  // 95% of 150 is 142.5; three standard deviations of a binomial are 8.
  EXPECT_GE(covered, 132);
}

TEST(ClusterBootstrap, FallsBackToWilsonOverProblemsWhenAllAgree) {
  for (const double right : {0.0, 1.0, 0.5}) {
    const std::vector<ProblemScores> same(40, ProblemScores{right * 2, 2});
    const ClusterInterval result = ClusterBootstrap(same, 7);
    EXPECT_EQ(result.kind, kClusterWilson);
    const ScoreInterval wilson = WilsonInterval(right, 40);
    EXPECT_NEAR(result.interval.low, wilson.low, 1e-12);
    EXPECT_NEAR(result.interval.high, wilson.high, 1e-12);
  }
  EXPECT_EQ(ClusterBootstrap({{1.0, 3}}, 7).kind, kClusterWilson);
  EXPECT_EQ(ClusterBootstrap({}, 7).interval.high, 1);
}

}  // namespace
}  // namespace entrobench
