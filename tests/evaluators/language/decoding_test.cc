#include "evaluators/language/decoding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace entrobench {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<double> Frequencies(const std::vector<float>& logits, const Decoding& decoding) {
  constexpr int kDraws = 40000;
  const Distribution distribution(logits);
  Random rng(7, 11);
  std::vector<double> share(logits.size());
  for (int i = 0; i < kDraws; ++i) {
    share[static_cast<size_t>(Draw(distribution, decoding, rng))] += 1.0 / kDraws;
  }
  return share;
}

std::vector<float> LogitsOf(const std::vector<double>& probabilities) {
  std::vector<float> logits;
  for (const double p : probabilities) logits.push_back(static_cast<float>(std::log(p)));
  return logits;
}

// 40,000 draws: five standard errors are 0.0125 at most.
constexpr double kTolerance = 0.0125;

TEST(Draw, AtTemperatureOneFollowsTheModel) {
  const std::vector<double> p = {0.5, 0.25, 0.15, 0.1};
  const auto share = Frequencies(LogitsOf(p), Decoding());
  for (size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(share[i], p[i], kTolerance);
}

TEST(Draw, TemperatureHalfSquaresTheProbabilities) {
  Decoding decoding;
  decoding.temperature = 0.5;
  const auto share = Frequencies(LogitsOf({0.5, 0.3, 0.2}), decoding);
  // 0.25 : 0.09 : 0.04
  EXPECT_NEAR(share[0], 0.25 / 0.38, kTolerance);
  EXPECT_NEAR(share[1], 0.09 / 0.38, kTolerance);
  EXPECT_NEAR(share[2], 0.04 / 0.38, kTolerance);
}

TEST(Draw, TopPKeepsTheFewestTokensThatReachTheMass) {
  Decoding decoding;
  decoding.top_p = 0.7;
  const auto share = Frequencies(LogitsOf({0.15, 0.5, 0.1, 0.25}), decoding);
  EXPECT_NEAR(share[1], 0.5 / 0.75, kTolerance);
  EXPECT_NEAR(share[3], 0.25 / 0.75, kTolerance);
  EXPECT_EQ(share[0], 0);
  EXPECT_EQ(share[2], 0);
}

TEST(Draw, MinPKeepsWhatIsNotMuchRarerThanTheBest) {
  Decoding decoding;
  decoding.min_p = 0.4;  // 0.5 * 0.4 = 0.2
  const auto share = Frequencies(LogitsOf({0.15, 0.5, 0.1, 0.25}), decoding);
  EXPECT_NEAR(share[1], 0.5 / 0.75, kTolerance);
  EXPECT_NEAR(share[3], 0.25 / 0.75, kTolerance);
}

TEST(Draw, TheBestTokenAlwaysPasses) {
  Decoding decoding;
  decoding.top_p = 0;
  decoding.min_p = 1;
  const auto share = Frequencies(LogitsOf({0.2, 0.5, 0.3}), decoding);
  EXPECT_NEAR(share[1], 1, 1e-9);  // a sum of 40,000 shares
}

TEST(Draw, TemperatureZeroIsTheArgmaxAndDrawsNoNumber) {
  Decoding decoding;
  decoding.temperature = 0;
  Random rng(1, 2), untouched(1, 2);
  const std::vector<float> logits = {0, 3, 3, 1};
  EXPECT_EQ(Draw(Distribution(logits), decoding, rng), 1);
  EXPECT_EQ(rng.Next64(), untouched.Next64());
}

TEST(Draw, ImpossibleTokensAreNeverDrawn) {
  const auto share = Frequencies({-kInfinity, 0, -kInfinity, 0}, Decoding());
  EXPECT_EQ(share[0], 0);
  EXPECT_EQ(share[2], 0);
  EXPECT_NEAR(share[1], 0.5, kTolerance);
}

}  // namespace
}  // namespace entrobench
