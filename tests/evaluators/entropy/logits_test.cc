#include "evaluators/entropy/logits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "common/random.h"
#include "evaluators/entropy/probabilities.h"
#include "tests/evaluators/entropy/naive.h"

namespace entrobench {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<float> RandomRow(Random& rng, size_t size, double spread, double centre) {
  std::vector<float> row(size);
  for (float& z : row) z = static_cast<float>(centre + spread * rng.Normal());
  return row;
}

void ExpectAgrees(const std::vector<float>& logits, double temperature) {
  const naive::Row p = naive::Softmax(logits, temperature);
  const LogitsSummary got = SummarizeLogits(logits, temperature);
  const auto lse = static_cast<double>(naive::LogSumExp(logits, temperature));
  const auto h = static_cast<double>(naive::Shannon(p));
  const auto v = static_cast<double>(naive::Varentropy(p));
  EXPECT_NEAR(got.log_sum_exp, lse, 1e-9 * std::max(1.0, std::abs(lse)));
  // 1e-18: the digits that the reference itself loses when h is tiny.
  EXPECT_NEAR(got.entropy, h, 1e-9 * h + 1e-18);
  EXPECT_NEAR(got.varentropy, v, 1e-9 * v + 1e-14);
  const auto min_entropy = static_cast<double>(-logl(*std::max_element(p.begin(), p.end())));
  EXPECT_NEAR(-got.max_logprob, min_entropy, 1e-9 * min_entropy + 1e-18);
  EXPECT_EQ(got.argmax, std::max_element(logits.begin(), logits.end()) - logits.begin());
}

// Every length up to several vectors, so that each rest and each place of the argmax occurs; then
// blocks and more.
TEST(Logits, AgreeWithTheTextbookInLongDouble) {
  Random rng(11, 0);
  for (size_t size = 1; size <= 80; ++size) ExpectAgrees(RandomRow(rng, size, 2, 0), 1.0);
  for (const size_t size : {4095u, 4096u, 4097u, 8192u, 50257u, 262144u}) {
    for (const double spread : {0.01, 1.0, 4.0}) ExpectAgrees(RandomRow(rng, size, spread, 5), 1.0);
  }
}

TEST(Logits, AgreeOverExtremeRanges) {
  Random rng(12, 0);
  for (int round = 0; round < 200; ++round) {
    const double spread = std::pow(10.0, -3 + 5 * rng.Uniform());  // 0.001 to 100
    const double centre = 200 * rng.Normal();
    const double temperature = std::pow(10.0, -0.7 + 1.4 * rng.Uniform());
    SCOPED_TRACE(testing::Message() << "round " << round << " spread " << spread << " centre "
                                    << centre << " T " << temperature);
    ExpectAgrees(RandomRow(rng, 1 + rng.Below(9000), spread, centre), temperature);
  }
}

// A row that is almost one-hot: all entropy is in a tail of 1e-9, where 1 + tail would have lost
// most digits.
TEST(Logits, KeepTheDigitsOfATinyEntropy) {
  for (const float gap : {20.0f, 30.0f, 100.0f, 600.0f}) {
    std::vector<float> row(1000, 0.0f);
    row[333] = gap;
    const long double tail = 999 * expl(-gap);
    const auto wanted = static_cast<double>(log1pl(tail) + gap * tail / (1 + tail));
    EXPECT_NEAR(ShannonEntropyOfLogits(row), wanted, 1e-9 * wanted) << gap;
  }
}

TEST(Logits, TiesShareTheMassAndTheLowestIndexIsTheArgmax) {
  for (const size_t n : {2u, 16u, 17u, 5000u}) {
    const std::vector<float> row(n, -3.25f);
    const LogitsSummary s = SummarizeLogits(row);
    EXPECT_NEAR(s.entropy, std::log(static_cast<double>(n)), 1e-12);
    EXPECT_NEAR(s.varentropy, 0, 1e-12);
    EXPECT_EQ(s.argmax, 0);
  }
  std::vector<float> late(9000, 0.0f);
  late[4500] = late[8999] = 2.0f;  // in two blocks
  EXPECT_EQ(SummarizeLogits(late).argmax, 4500);
}

TEST(Logits, MinusInfinityIsAProbabilityOfZero) {
  Random rng(13, 0);
  const std::vector<float> row = RandomRow(rng, 500, 2, 0);
  std::vector<float> with_holes;
  for (const float z : row) {
    with_holes.push_back(-kInf);
    with_holes.push_back(z);
  }
  const LogitsSummary a = SummarizeLogits(row), b = SummarizeLogits(with_holes);
  EXPECT_NEAR(a.log_sum_exp, b.log_sum_exp, 1e-14 * std::abs(a.log_sum_exp));
  EXPECT_NEAR(a.entropy, b.entropy, 1e-13);
  EXPECT_NEAR(a.varentropy, b.varentropy, 1e-12);
  EXPECT_EQ(b.argmax, 2 * a.argmax + 1);
}

TEST(Logits, OneHotIsExact) {
  std::vector<float> row(6000, -kInf);
  row[5000] = 7.5f;
  const LogitsSummary s = SummarizeLogits(row);
  EXPECT_EQ(s.log_sum_exp, 7.5);
  EXPECT_EQ(s.entropy, 0);
  EXPECT_EQ(s.varentropy, 0);
  EXPECT_EQ(s.argmax, 5000);
  EXPECT_EQ(SurprisalOfLogits(row, 5000), 0);
  EXPECT_EQ(SurprisalOfLogits(row, 0), kInfinity);
  EXPECT_EQ(RenyiEntropyOfLogits(row, 0), 0);
  EXPECT_EQ(RenyiEntropyOfLogits(row, 3), 0);
  EXPECT_EQ(TsallisEntropyOfLogits(row, 0.5), 0);
  EXPECT_EQ(SummarizeLogits(std::vector<float>{3.0f}).entropy, 0);
}

TEST(Logits, NoMassIsNoDistribution) {
  for (const std::vector<float>& row :
       {std::vector<float>(), std::vector<float>(5, -kInf), std::vector<float>(9999, -kInf)}) {
    const LogitsSummary s = SummarizeLogits(row);
    EXPECT_EQ(s.log_sum_exp, -kInfinity);
    EXPECT_TRUE(std::isnan(s.entropy));
    EXPECT_TRUE(std::isnan(s.varentropy));
    EXPECT_EQ(s.argmax, -1);
    EXPECT_TRUE(std::isnan(MinEntropyOfLogits(row)));
    EXPECT_TRUE(std::isnan(RenyiEntropyOfLogits(row, 2)));
    EXPECT_TRUE(std::isnan(KullbackLeiblerOfLogits(row, row)));
    EXPECT_TRUE(std::isnan(JensenShannonOfLogits(row, row)));
  }
}

TEST(Logits, ANaNAnywhereSpoilsTheRow) {
  for (const size_t at : {0u, 3u, 100u, 4096u, 8999u}) {
    std::vector<float> row(9000, 1.0f);
    row[1] = kInf;  // not even an infinite logit hides it
    row[at] = NAN;
    const LogitsSummary s = SummarizeLogits(row);
    EXPECT_TRUE(std::isnan(s.log_sum_exp)) << at;
    EXPECT_TRUE(std::isnan(s.entropy)) << at;
    EXPECT_TRUE(std::isnan(s.max_logprob)) << at;
    EXPECT_EQ(s.argmax, -1) << at;
    row[1] = 1.0f;
    EXPECT_TRUE(std::isnan(SummarizeLogits(row).entropy)) << at;
  }
}

TEST(Logits, InfiniteLogitsShareTheMass) {
  std::vector<float> row(5000, 2.0f);
  row[10] = row[20] = row[4900] = kInf;
  const LogitsSummary s = SummarizeLogits(row);
  EXPECT_EQ(s.log_sum_exp, kInfinity);
  EXPECT_EQ(s.entropy, std::log(3.0));
  EXPECT_EQ(s.varentropy, 0);
  EXPECT_EQ(s.argmax, 10);
  EXPECT_EQ(SurprisalOfLogits(row, 20), std::log(3.0));
  EXPECT_EQ(SurprisalOfLogits(row, 21), kInfinity);
  EXPECT_EQ(RenyiEntropyOfLogits(row, 2), std::log(3.0));
  EXPECT_NEAR(TsallisEntropyOfLogits(row, 2), 2.0 / 3.0, 1e-15);  // 1 - 3 (1/3)^2
}

TEST(Logits, OtherMeasuresAgreeWithThoseOfTheProbabilities) {
  Random rng(14, 0);
  for (int round = 0; round < 100; ++round) {
    const size_t size = 1 + rng.Below(300);
    const std::vector<float> a = RandomRow(rng, size, 3, 0), b = RandomRow(rng, size, 1, 4);
    const naive::Row p = naive::Softmax(a), q = naive::Softmax(b);
    const auto expect_near = [&](double got, long double wanted, const char* what) {
      EXPECT_NEAR(got, static_cast<double>(wanted),
                  1e-9 * std::abs(static_cast<double>(wanted)) + 1e-14)
          << what;
    };
    for (const double order : {0.0, 0.5, 1.02, 2.0, 30.0}) {
      expect_near(RenyiEntropyOfLogits(a, order), naive::Renyi(p, order), "Renyi");
      expect_near(TsallisEntropyOfLogits(a, order), naive::Tsallis(p, order), "Tsallis");
    }
    expect_near(RenyiEntropyOfLogits(a, 1), naive::Shannon(p), "Renyi 1");
    expect_near(RenyiEntropyOfLogits(a, kInfinity), -logl(*std::max_element(p.begin(), p.end())),
                "Renyi inf");
    expect_near(PerplexityOfLogits(a), expl(naive::Shannon(p)), "perplexity");
    expect_near(VarentropyOfLogits(a), naive::Varentropy(p), "varentropy");
    expect_near(SurprisalOfLogits(a, 0), -logl(p[0]), "surprisal");
    expect_near(KullbackLeiblerOfLogits(a, b), naive::KullbackLeibler(p, q), "KL");
    expect_near(JensenShannonOfLogits(a, b), naive::JensenShannon(p, q), "JS");
  }
}

TEST(Logits, DivergenceWhereAProbabilityUnderflows) {
  // q of the second outcome is exp(-800): 0 as a double, but its logarithm is -800.
  EXPECT_NEAR(KullbackLeiblerOfLogits({0.0f, 0.0f}, {0.0f, -800.0f}), 400 - std::log(2.0), 1e-9);
  EXPECT_EQ(KullbackLeiblerOfLogits({0.0f, 0.0f}, {0.0f, -kInf}), kInfinity);
}

}  // namespace
}  // namespace entrobench
