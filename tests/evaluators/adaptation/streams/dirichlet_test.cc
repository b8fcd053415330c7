#include "evaluators/adaptation/streams/dirichlet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "common/shuffle.h"

namespace entrobench {
namespace {

TEST(Dirichlet, PartsSumToOneHoweverSmallTheConcentration) {
  Random random(1, 0);
  for (const double concentration : {1e-6, 0.01, 0.1, 1.0, 10.0, 1000.0}) {
    for (int draw = 0; draw < 50; ++draw) {
      const std::vector<double> parts = Dirichlet(10, concentration, random);
      ASSERT_EQ(parts.size(), 10U);
      EXPECT_NEAR(std::accumulate(parts.begin(), parts.end(), 0.0), 1, 1e-12);
      EXPECT_GE(*std::min_element(parts.begin(), parts.end()), 0);
      if (concentration == 1e-6) {
        EXPECT_GT(*std::max_element(parts.begin(), parts.end()), 0.999);
      }
    }
  }
}

TEST(Dirichlet, HasItsMoments) {
  // Of one part of n: mean 1/n, variance (n-1) / (n^2 (n a + 1)).
  constexpr int kParts = 4, kDraws = 20'000;
  for (const double concentration : {0.3, 2.0}) {
    Random random(2, 0);
    double sum = 0, squares = 0;
    for (int draw = 0; draw < kDraws; ++draw) {
      const double part = Dirichlet(kParts, concentration, random)[1];
      sum += part;
      squares += part * part;
    }
    const double mean = sum / kDraws, variance = squares / kDraws - mean * mean;
    EXPECT_NEAR(mean, 0.25, 0.01);
    EXPECT_NEAR(variance, 3.0 / (16 * (kParts * concentration + 1)), 0.003);
  }
}

TEST(Shuffle, EveryOrderIsEquallyLikely) {
  Random random(3, 0);
  std::map<std::vector<int>, int> counts;
  for (int i = 0; i < 6000; ++i) {
    std::vector<int> values = {1, 2, 3};
    Shuffle(values, random);
    ++counts[values];
  }
  ASSERT_EQ(counts.size(), 6U);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 150);
}

}  // namespace
}  // namespace entrobench
