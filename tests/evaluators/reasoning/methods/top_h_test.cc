#include "evaluators/reasoning/methods/top_h.h"

#include "tests/evaluators/reasoning/methods/method_testing.h"

namespace entrobench {
namespace {

Candidates Keep(double alpha, const std::string& variant, const std::vector<float>& logits,
                int top_n = 100) {
  const auto method = Make<TopH>({{"alpha", RealValue(alpha)},
                                  {"variant", TextValue(variant)},
                                  {"top_n", IntegerValue(top_n)}});
  return method.Truncate(Distribution(logits));
}

TEST(TopH, WorkedNumbers) {
  ExpectKept(Keep(0.5, "paper", P5()), {0, 1}, {0.714286, 0.285714});
  ExpectKept(Keep(0.5, "released", P5()), {0}, {1.0});
  EXPECT_EQ(Keep(0.4, "paper", P5()).size(), 1);
  EXPECT_EQ(Keep(0.4, "released", P5()).size(), 1);
  // Neither rule is uniformly tighter.
  const std::vector<float> flatter = LogitsOf({0.3, 0.25, 0.2, 0.15, 0.1});
  EXPECT_EQ(Keep(0.7, "paper", flatter).size(), 2);
  EXPECT_EQ(Keep(0.7, "released", flatter).size(), 3);
}

TEST(TopH, WorkedEntropiesOfTheFirstFew) {
  const Candidates p5{Distribution(P5())};
  EXPECT_NEAR(EntropyOfTop(p5, 2), 0.598270, 1e-6);
  EXPECT_NEAR(EntropyOfTop(p5, 3), 0.958692, 1e-6);
  const std::vector<float> logits = LogitsOf({0.3, 0.25, 0.2, 0.15, 0.1});
  const Candidates flatter{Distribution(logits)};
  EXPECT_NEAR(0.7 * flatter.entropy(), 1.081136, 1e-6);
  EXPECT_NEAR(EntropyOfTop(flatter, 2), 0.689009, 1e-6);
  EXPECT_NEAR(EntropyOfTop(flatter, 3), 1.085189, 1e-6);
}

TEST(TopH, NeverExceedsTheEntropyBudgetAndUsesItAsFarAsItGoes) {
  Random rng(34, 0);
  for (int round = 0; round < 400; ++round) {
    const std::vector<float> logits = RandomRow(rng);
    const double alpha = 0.98 * rng.Uniform();
    const Candidates p{Distribution(logits)};
    const Candidates kept = Keep(alpha, "paper", logits);
    const double budget = alpha * p.entropy();
    if (kept.size() > 1) {
      EXPECT_LE(kept.kept_entropy(), budget + 1e-9);
    }
    if (kept.size() < p.size() && p.p(kept.size()) > 0) {
      EXPECT_GT(EntropyOfTop(p, kept.size() + 1), budget - 1e-9);
    }
  }
}

TEST(TopH, TheReleasedRuleComparesPlainSumsOverTheTopN) {
  Random rng(35, 0);
  for (int round = 0; round < 200; ++round) {
    const std::vector<float> logits = RandomRow(rng);
    const double alpha = rng.Uniform();
    const int n = std::min(1 + static_cast<int>(rng.Below(50)), static_cast<int>(logits.size()));
    const Candidates p{Distribution(logits)};
    std::vector<double> b(static_cast<size_t>(n) + 1);  // -sum p ln p over the first k
    for (int k = 0; k < n; ++k) {
      b[static_cast<size_t>(k) + 1] =
          b[static_cast<size_t>(k)] - (p.p(k) > 0 ? p.p(k) * std::log(p.p(k)) : 0);
    }
    int wanted = 1;
    while (wanted < n && b[static_cast<size_t>(wanted) + 1] <= alpha * b.back() + 1e-12) ++wanted;
    const int got = Keep(alpha, "released", logits, n).size();
    // A sum within rounding of the bound may fall on either side.
    if (got != wanted) {
      EXPECT_NEAR(b[static_cast<size_t>(std::min(got, wanted)) + 1], alpha * b.back(), 1e-9);
    }
    EXPECT_LE(got, n);
  }
}

TEST(TopH, AlphaZeroIsGreedyAndAlphaOneKeepsAll) {
  Random rng(36, 0);
  for (int round = 0; round < 100; ++round) {
    const std::vector<float> logits = RandomRow(rng);
    EXPECT_EQ(Keep(1, "paper", logits).size(), static_cast<int>(logits.size()));
    const Candidates one = Keep(0, "paper", logits);
    EXPECT_EQ(one.size(), 1);
    EXPECT_EQ(one.token(0), Distribution(logits).argmax());
  }
}

}  // namespace
}  // namespace entrobench
