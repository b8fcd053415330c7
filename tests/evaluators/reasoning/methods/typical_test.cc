#include "evaluators/reasoning/methods/typical.h"

#include "tests/evaluators/reasoning/methods/method_testing.h"

namespace entrobench {
namespace {

Candidates Keep(double tau, const std::vector<float>& logits) {
  return Make<Typical>({{"tau", RealValue(tau)}}).Truncate(Distribution(logits));
}

TEST(Typical, WorkedNumbers) {
  // The argmax is gone: its surprisal is far from the entropy.
  ExpectKept(Keep(0.3, P5()), {1, 2}, {0.571429, 0.428571});
  EXPECT_NEAR(Keep(0.3, P5()).mass(), 0.35, 1e-6);
  ExpectKept(Keep(0.6, P5()), {0, 1, 2}, {0.588235, 0.235294, 0.176471});
  ExpectKept(Keep(0.9, P5()), {0, 1, 2, 3}, {0.526316, 0.210526, 0.157895, 0.105263});
}

TEST(Typical, TauOneKeepsAll) { EXPECT_EQ(Keep(1.0, P5()).size(), 5); }

TEST(Typical, KeepsWhatIsAsNearAsTheLastKept) {
  // Four equal tokens beside a certain one: any of the four reaches the mass, so all are kept.
  const std::vector<float> logits = LogitsOf({0.6, 0.1, 0.1, 0.1, 0.1});
  const Candidates all = Keep(0.65, logits);
  EXPECT_EQ(all.size(), 5);
}

TEST(Typical, KeepsTheMassWithTheLeastDeviations) {
  Random rng(31, 0);
  for (int round = 0; round < 400; ++round) {
    const std::vector<float> logits = RandomRow(rng);
    const double tau = 0.02 + 0.97 * rng.Uniform();
    const Candidates p{Distribution(logits)};
    const Candidates kept = Keep(tau, logits);
    std::vector<bool> is_kept(logits.size());
    double mass = 0, furthest = 0;
    for (int i = 0; i < kept.size(); ++i) {
      is_kept[static_cast<size_t>(kept.token(i))] = true;
      mass += kept.p(i);
      furthest = std::max(furthest, std::abs(kept.surprisal(i) - p.entropy()));
    }
    EXPECT_GE(mass, tau - 1e-9);
    double nearer_mass = 0;  // of all strictly nearer than the furthest kept one
    for (int i = 0; i < p.size(); ++i) {
      if (p.p(i) == 0) continue;
      const double deviation = std::abs(p.surprisal(i) - p.entropy());
      if (!is_kept[static_cast<size_t>(p.token(i))]) {
        EXPECT_GT(deviation, furthest - 1e-12);
      }
      if (deviation < furthest - 1e-12) nearer_mass += p.p(i);
    }
    EXPECT_LT(nearer_mass, tau) << "the furthest was not needed";
  }
}

}  // namespace
}  // namespace entrobench
