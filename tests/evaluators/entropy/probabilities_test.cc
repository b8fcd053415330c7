#include "evaluators/entropy/probabilities.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "common/random.h"
#include "tests/evaluators/entropy/naive.h"

namespace entrobench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const std::vector<double> kP5 = {0.5, 0.2, 0.15, 0.1, 0.05};

TEST(Probabilities, WorkedNumbers) {
  // By hand: 0.5*0.693147 + 0.2*1.609438 + 0.15*1.897120 + 0.1*2.302585 + 0.05*2.995732.
  EXPECT_NEAR(ShannonEntropy(kP5), 1.333074, 1e-6);
  EXPECT_NEAR(Perplexity(kP5), std::exp(1.3330742), 1e-6);
  EXPECT_NEAR(MinEntropy(kP5), std::numbers::ln2, 1e-15);
  // Collision: sum p^2 = 0.25 + 0.04 + 0.0225 + 0.01 + 0.0025 = 0.325.
  EXPECT_NEAR(RenyiEntropy(kP5, 2), -std::log(0.325), 1e-14);
  EXPECT_NEAR(TsallisEntropy(kP5, 2), 0.675, 1e-14);
  EXPECT_NEAR(RenyiEntropy(kP5, 0), std::log(5.0), 1e-14);
  EXPECT_NEAR(TsallisEntropy(kP5, 0), 4.0, 1e-14);
  EXPECT_NEAR(Surprisal(kP5, 2), 1.897120, 1e-6);
  // sum p ln^2 p - H^2, worked in the log-perplexity test of the formulas.
  EXPECT_NEAR(Varentropy(kP5), 0.499968, 1e-6);
  // KL((1/2, 1/2) || (1/4, 3/4)) = ln 2 - ln(3)/2.
  EXPECT_NEAR(KullbackLeibler({0.5, 0.5}, {0.25, 0.75}), std::log(2.0) - std::log(3.0) / 2, 1e-15);
}

TEST(Probabilities, UniformOverTiesIsTheLogOfTheirNumberForEveryOrder) {
  for (const size_t n : {2u, 7u, 8u, 100u, 4097u}) {
    const std::vector<double> p(n, 1.0 / static_cast<double>(n));
    const double log_n = std::log(static_cast<double>(n));
    for (const double order : {0.0, 0.5, 0.999999, 1.0, 1.000001, 2.0, 50.0, kInfinity}) {
      EXPECT_NEAR(RenyiEntropy(p, order), log_n, 1e-12 * log_n)
          << n << " outcomes, order " << order;
    }
    EXPECT_NEAR(Varentropy(p), 0, 1e-20);
  }
}

TEST(Probabilities, OneOutcomeHasNoEntropyExactly) {
  const std::vector<double> p = {0, 0, 1, 0};
  for (const double order : {0.0, 0.5, 1.0, 2.0, 9.0, kInfinity}) {
    EXPECT_EQ(RenyiEntropy(p, order), 0) << order;
    EXPECT_EQ(TsallisEntropy(p, order), 0) << order;
  }
  EXPECT_EQ(ShannonEntropy(p), 0);
  EXPECT_FALSE(std::signbit(ShannonEntropy(p)));
  EXPECT_EQ(Varentropy(p), 0);
  EXPECT_EQ(Perplexity(p), 1);
  EXPECT_EQ(Surprisal(p, 2), 0);
  EXPECT_EQ(Surprisal(p, 1), kInfinity);
}

TEST(Probabilities, WhatIsNoDistributionGivesNaN) {
  const std::vector<std::vector<double>> bad = {
      {}, {0, 0}, {0.5, -0.5, 1}, {0.5, NAN}, {kInfinity, 0.5}};
  for (const std::vector<double>& p : bad) {
    EXPECT_TRUE(std::isnan(ShannonEntropy(p)));
    EXPECT_TRUE(std::isnan(RenyiEntropy(p, 2)));
    EXPECT_TRUE(std::isnan(TsallisEntropy(p, 2)));
    EXPECT_TRUE(std::isnan(MinEntropy(p)));
    EXPECT_TRUE(std::isnan(Varentropy(p)));
    EXPECT_TRUE(std::isnan(Perplexity(p)));
    EXPECT_TRUE(std::isnan(KullbackLeibler(p, p)));
    EXPECT_TRUE(std::isnan(JensenShannon(p, p)));
  }
  EXPECT_TRUE(std::isnan(KullbackLeibler({1.0}, {0.5, 0.5})));
  EXPECT_TRUE(std::isnan(RenyiEntropy(kP5, -1)));
}

TEST(Probabilities, DivergencesOnDisjointSupports) {
  EXPECT_EQ(KullbackLeibler({1, 0}, {0, 1}), kInfinity);
  EXPECT_EQ(KullbackLeibler({1, 0}, {0.5, 0.5}), std::numbers::ln2);
  EXPECT_NEAR(JensenShannon({1, 0}, {0, 1}), std::numbers::ln2, 1e-15);
  EXPECT_EQ(JensenShannon(kP5, kP5), 0);
}

// Random distributions from nearly uniform to nearly one-hot, of lengths that leave every possible
// rest behind the vectors.
TEST(Probabilities, AgreeWithTheTextbookInLongDouble) {
  Random rng(7, 0);
  for (int round = 0; round < 400; ++round) {
    const size_t n = 1 + rng.Below(70);
    const double spread = std::pow(10.0, -2 + 4 * rng.Uniform());
    std::vector<double> p(n), q(n);
    double p_total = 0, q_total = 0;
    for (size_t v = 0; v < n; ++v) {
      p_total += p[v] = std::exp(spread * rng.Normal());
      q_total += q[v] = std::exp(spread * rng.Normal());
    }
    for (double& x : p) x /= p_total;
    for (double& x : q) x /= q_total;
    if (!(*std::min_element(q.begin(), q.end()) > 0)) continue;
    const naive::Row lp(p.begin(), p.end()), lq(q.begin(), q.end());
    const auto expect_near = [&](double got, long double wanted, const char* what) {
      // Rounding of p itself moves a measure by about 1e-16 times its derivative: an absolute part
      // beside the relative one.
      EXPECT_NEAR(got, static_cast<double>(wanted),
                  1e-9 * std::abs(static_cast<double>(wanted)) + 1e-14)
          << what << ", round " << round;
    };
    expect_near(ShannonEntropy(p), naive::Shannon(lp), "Shannon");
    expect_near(Varentropy(p), naive::Varentropy(lp), "varentropy");
    expect_near(KullbackLeibler(p, q), naive::KullbackLeibler(lp, lq), "KL");
    expect_near(JensenShannon(p, q), naive::JensenShannon(lp, lq), "JS");
    for (const double order : {0.25, 0.9, 1.05, 2.0, 7.0}) {
      expect_near(RenyiEntropy(p, order), naive::Renyi(lp, order), "Renyi");
      expect_near(TsallisEntropy(p, order), naive::Tsallis(lp, order), "Tsallis");
    }
    EXPECT_GE(ShannonEntropy(p), RenyiEntropy(p, 2) - 1e-14);
    EXPECT_GE(RenyiEntropy(p, 2), MinEntropy(p) - 1e-14);
    EXPECT_NEAR(JensenShannon(p, q), JensenShannon(q, p), 1e-15);
  }
}

}  // namespace
}  // namespace entrobench
