#include "evaluators/language/candidates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "tests/evaluators/language/random_rows.h"

namespace entrobench {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
const std::vector<float> kP5 = LogitsOf({0.5, 0.2, 0.15, 0.1, 0.05});

std::vector<Token> SortedByHand(const std::vector<float>& row) {
  std::vector<Token> order(row.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](Token a, Token b) {
    return row[static_cast<size_t>(a)] > row[static_cast<size_t>(b)];
  });
  return order;
}

void ExpectQ(const Candidates& kept, const std::vector<double>& q) {
  ASSERT_EQ(kept.size(), static_cast<int>(q.size()));
  for (size_t i = 0; i < q.size(); ++i)
    EXPECT_NEAR(kept.q(static_cast<int>(i)), q[i], 1e-6) << "index " << i;
}

TEST(Ranking, SortsAsAFullStableSortWould) {
  Random rng(21, 0);
  for (int round = 0; round < 300; ++round) {
    const std::vector<float> row = RandomRow(rng);
    const Distribution distribution(row);
    const Ranking ranking(row, distribution.argmax());
    const std::vector<Token> wanted = SortedByHand(row);
    // First a place in the middle, so that it does not always grow by one.
    const auto middle = rng.Below(row.size());
    ASSERT_EQ(ranking.token(static_cast<int>(middle)), wanted[middle]);
    for (size_t rank = 0; rank < row.size(); ++rank) {
      ASSERT_EQ(ranking.token(static_cast<int>(rank)), wanted[rank]);
      ASSERT_EQ(ranking.logit(static_cast<int>(rank)), row[static_cast<size_t>(wanted[rank])]);
    }
  }
}

TEST(Ranking, HoldsOverHugeAndInfiniteLogits) {
  const std::vector<std::vector<float>> rows = {{1e30f, -1e30f, 0.0f, 1e30f, -kInf},
                                                {kInf, 0.0f, kInf, -kInf, 1.0f},
                                                {16777216.0f, 16777215.0f, 1.0f},
                                                {-0.0f, 0.0f, -1.0f, -0.0f, 1e-40f, -1e-40f},
                                                {-5.0f}};
  for (const std::vector<float>& row : rows) {
    const Ranking ranking(row, Distribution(row).argmax());
    const std::vector<Token> wanted = SortedByHand(row);
    for (size_t rank = 0; rank < row.size(); ++rank)
      EXPECT_EQ(ranking.token(static_cast<int>(rank)), wanted[rank]);
  }
}

TEST(Candidates, TopPWorkedNumbers) {
  const Distribution p5(kP5);
  Candidates three(p5);
  three.KeepTopP(0.8);  // 0.5 + 0.2 + 0.15: the token that reaches it is kept
  ExpectQ(three, {0.588235, 0.235294, 0.176471});
  EXPECT_NEAR(three.mass(), 0.85, 1e-7);
  Candidates one(p5);
  one.KeepTopP(0.0);
  ExpectQ(one, {1.0});
  Candidates all(p5);
  all.KeepTopP(1.0);
  EXPECT_EQ(all.size(), 5);
}

TEST(Candidates, MinPWorkedNumbers) {
  const Distribution p5(kP5);
  Candidates plain(p5);
  plain.KeepMinP(0.25);
  ExpectQ(plain, {0.588235, 0.235294, 0.176471});

  Candidates before(p5, Temperature(2.0, /*before_rule=*/true));
  EXPECT_NEAR(before.p(4), 0.107428, 1e-6);
  before.KeepMinP(0.25);
  ExpectQ(before, {0.339718, 0.214856, 0.186071, 0.151926, 0.107428});

  Candidates after(p5, Temperature(2.0, /*before_rule=*/false));
  EXPECT_NEAR(after.p(4), 0.05, 1e-6);
  after.KeepMinP(0.25);
  ExpectQ(after, {0.458678, 0.290094, 0.251228});
}

TEST(Candidates, EntropiesBeforeAndAfterACut) {
  Candidates p{Distribution(kP5)};
  EXPECT_NEAR(p.entropy(), 1.333074, 1e-6);
  EXPECT_NEAR(p.kept_entropy(), 1.333074, 1e-6);
  p.KeepTop(2);
  EXPECT_NEAR(p.entropy(), 1.333074, 1e-6);
  EXPECT_NEAR(p.kept_entropy(), 0.598270, 1e-6);
  EXPECT_NEAR(p.surprisal(1), 1.609438, 1e-6);
}

TEST(Candidates, CutsComposeAndKeepAtLeastOne) {
  Candidates p{Distribution(kP5)};
  p.KeepRange(1, 4);  // 0.2, 0.15, 0.1
  EXPECT_EQ(p.token(0), 1);
  p.KeepTopP(0.5);  // of 0.45: 0.2 and the 0.15 that reaches it
  ExpectQ(p, {0.2 / 0.35, 0.15 / 0.35});
  p.KeepTop(0);
  EXPECT_EQ(p.size(), 1);
  EXPECT_EQ(p.token(0), 1);
}

TEST(Candidates, TiesGoToTheLowerId) {
  const std::vector<float> row = {0.0f, 2.0f, 1.0f, 2.0f, 1.0f};
  const Candidates p{Distribution(row)};
  const std::vector<Token> wanted = {1, 3, 2, 4, 0};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(p.token(i), wanted[static_cast<size_t>(i)]);
}

TEST(Candidates, ProbabilitiesSumToOneWhateverTheCutAndTheTemperature) {
  Random rng(22, 0);
  for (int round = 0; round < 200; ++round) {
    const std::vector<float> row = RandomRow(rng);
    const Distribution distribution(row);
    Candidates p(distribution, Temperature(std::pow(10.0, rng.Uniform() - 0.5), rng.Below(2) == 0));
    double p_total = 0;
    for (int i = 0; i < p.size(); ++i) {
      p_total += p.p(i);
      if (p.p(i) > 0) {
        EXPECT_NEAR(std::exp(-p.surprisal(i)), p.p(i), 1e-12);
      }
      if (i > 0) {
        EXPECT_LE(p.p(i), p.p(i - 1));
      }
    }
    EXPECT_NEAR(p_total, 1, 1e-9);
    if (rng.Below(3) > 0) p.KeepTop(1 + static_cast<int>(rng.Below(row.size())));
    double q_total = 0, h = 0;
    for (int i = 0; i < p.size(); ++i) {
      const double q = p.q(i);
      q_total += q;
      if (q > 0) h -= q * std::log(q);
    }
    EXPECT_NEAR(q_total, 1, 1e-9);
    EXPECT_NEAR(p.kept_entropy(), h, 1e-7);
  }
}

TEST(Candidates, DrawsAsOftenAsQSays) {
  const std::vector<float> row = LogitsOf({0.05, 0.5, 0.15, 0.1, 0.2});
  Candidates p(Distribution(row), Temperature(0.7, false));
  p.KeepTop(4);
  Random rng(23, 0);
  constexpr int kDraws = 40000;
  std::vector<int> count(4);
  for (int i = 0; i < kDraws; ++i) ++count[static_cast<size_t>(p.Draw(rng))];
  for (int i = 0; i < 4; ++i) {
    // Five standard errors.
    const double q = p.q(i), share = count[static_cast<size_t>(i)] / double{kDraws};
    EXPECT_NEAR(share, q, 5 * std::sqrt(q * (1 - q) / kDraws)) << i;
  }
}

TEST(Candidates, ADrawTakesOneNumberAndNeverWhatCannotBe) {
  const std::vector<float> row = {-kInf, 1.0f, -kInf, 0.0f};
  const Candidates p{Distribution(row)};
  Random rng(24, 0), same(24, 0);
  for (int i = 0; i < 1000; ++i) {
    const Token token = p.Sample(rng);
    EXPECT_TRUE(token == 1 || token == 3);
    same.Uniform();
  }
  EXPECT_EQ(rng.Next64(), same.Next64());
}

TEST(Candidates, TheColdestTemperatureIsTheArgmax) {
  const std::vector<float> row = {-30.0f, 25.5f, 25.0f, -kInf};
  for (const double temperature : {1e-3, 1e-9, 1e-300}) {
    const Candidates p{Distribution(row), Temperature(temperature)};
    EXPECT_EQ(p.p(0), 1);
    EXPECT_LT(p.entropy(), 1e-200);
    Random rng(26, 0);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(p.Sample(rng), 1);
  }
}

TEST(Candidates, InfiniteLogitsShareTheDraws) {
  const std::vector<float> row = {0.0f, kInf, 5.0f, kInf};
  Candidates p{Distribution(row)};
  EXPECT_NEAR(p.p(0), 0.5, 1e-15);
  EXPECT_EQ(p.p(2), 0);
  EXPECT_NEAR(p.surprisal(1), std::log(2.0), 1e-15);
  EXPECT_NEAR(p.q(1), 0.5, 1e-15);
}

// The whole vocabulary of a large model: what is looked at is the same as of a full sort.
TEST(Candidates, HoldAQuarterOfAMillionTokens) {
  Random rng(25, 0);
  std::vector<float> row(262144);
  for (float& z : row) z = static_cast<float>(3 * rng.Normal());
  const Distribution distribution(row);
  Candidates p(distribution);
  p.KeepTopP(0.5);
  const std::vector<Token> wanted = SortedByHand(row);
  double mass = 0;
  for (int i = 0; i < p.size(); ++i) {
    ASSERT_EQ(p.token(i), wanted[static_cast<size_t>(i)]);
    mass += std::exp(distribution.Logprob(p.token(i)));
  }
  EXPECT_GE(mass, 0.5);
  EXPECT_LT(mass - p.p(p.size() - 1), 0.5);
}

}  // namespace
}  // namespace entrobench
