#include "evaluators/reasoning/methods/eta.h"

#include "tests/evaluators/reasoning/methods/method_testing.h"

namespace entrobench {
namespace {

Candidates Keep(double epsilon, const std::vector<float>& logits) {
  return Make<Eta>({{"epsilon", RealValue(epsilon)}}).Truncate(Distribution(logits));
}

TEST(Eta, WorkedNumbers) {
  ExpectKept(Keep(0.09, P5()), {0, 1, 2, 3},
             {0.526316, 0.210526, 0.157895, 0.105263});  // eta 0.079100
  EXPECT_EQ(Keep(0.0006, P5()).size(), 5);
}

TEST(Eta, EpsilonZeroKeepsAll) {
  Random rng(32, 0);
  for (int round = 0; round < 50; ++round) {
    const std::vector<float> logits = RandomRow(rng);
    EXPECT_EQ(Keep(0, logits).size(), static_cast<int>(logits.size()));
  }
}

TEST(Eta, KeepsExactlyWhatReachesTheThreshold) {
  Random rng(33, 0);
  for (int round = 0; round < 400; ++round) {
    const std::vector<float> logits = RandomRow(rng);
    const double epsilon = std::pow(10.0, -5 * rng.Uniform());
    const Candidates p{Distribution(logits)};
    const double eta = std::min(epsilon, std::sqrt(epsilon) * std::exp(-p.entropy()));
    const Candidates kept = Keep(epsilon, logits);
    for (int i = 1; i < kept.size(); ++i) EXPECT_GE(kept.p(i), eta);
    for (int i = kept.size(); i < p.size(); ++i) EXPECT_LT(p.p(i), eta);
    EXPECT_EQ(kept.token(0), p.token(0));
  }
}

}  // namespace
}  // namespace entrobench
