#include "coordinator/leaderboard/interval.h"

#include <cmath>

#include "gtest/gtest.h"

namespace entrobench {
namespace {

// Expected values by hand from the formula, z = 1.959964.
TEST(Wilson, MatchesWorkedNumbers) {
  // 8 of 10: centre (0.8 + 0.192073) / 1.384146 = 0.716740, half 0.226579.
  const ScoreInterval eight = WilsonInterval(0.8, 10);
  EXPECT_NEAR(eight.low, 0.490162, 1e-6);
  EXPECT_NEAR(eight.high, 0.943318, 1e-6);
  // None of 10: [0, z^2 / (n + z^2)].
  const ScoreInterval none = WilsonInterval(0, 10);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 3.841459 / 13.841459, 1e-6);
  // All of 1: [1 / (1 + z^2), 1].
  EXPECT_NEAR(WilsonInterval(1, 1).low, 1 / 4.841459, 1e-6);
  EXPECT_EQ(WilsonInterval(1, 1).high, 1);
}

TEST(Wilson, IsTheSetOfMeansThatATestWouldAccept) {
  // Both ends p0 solve (mean - p0)^2 = z^2 p0 (1 - p0) / n.
  for (const double n : {1.0, 7.5, 40.0, 1319.0, 1e7}) {
    for (const double mean : {0.0, 0.001, 0.25, 0.5, 0.93, 1.0}) {
      const ScoreInterval interval = WilsonInterval(mean, n);
      for (const double end : {interval.low, interval.high}) {
        EXPECT_NEAR((mean - end) * (mean - end), 3.8414588206941254 * end * (1 - end) / n, 1e-12);
      }
      EXPECT_LE(interval.low, mean);
      EXPECT_GE(interval.high, mean);
    }
  }
}

TEST(Wilson, KnowsNothingWithoutSamples) {
  EXPECT_EQ(WilsonInterval(0.5, 0).low, 0);
  EXPECT_EQ(WilsonInterval(0.5, 0).high, 1);
  EXPECT_EQ(WilsonInterval(std::nan(""), 0).high, 1);
  EXPECT_EQ(WilsonInterval(1.5, 10).high, 1);  // a mean outside counts as the end
}

}  // namespace
}  // namespace entrobench
