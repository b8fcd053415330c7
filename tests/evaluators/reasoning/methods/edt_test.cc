#include "evaluators/reasoning/methods/edt.h"

#include "tests/evaluators/reasoning/methods/method_testing.h"

namespace entrobench {
namespace {

Edt MakeEdt(double t0, double theta, double top_p = 1) {
  return Make<Edt>(
      {{"t0", RealValue(t0)}, {"theta", RealValue(theta)}, {"top_p", RealValue(top_p)}});
}

TEST(Edt, WorkedNumbers) {
  const Distribution p5(P5());
  const Edt strong = MakeEdt(1, 1);
  EXPECT_NEAR(strong.TemperatureFor(p5.entropy()), 0.845870, 1e-6);
  ExpectKept(strong.Truncate(p5), {0, 1, 2, 3, 4},
             {0.557322, 0.188649, 0.134261, 0.083133, 0.036635});
  const Edt cool = MakeEdt(0.7, 0.1);
  EXPECT_NEAR(cool.TemperatureFor(p5.entropy()), 0.688380, 1e-6);
  ExpectKept(cool.Truncate(p5), {0, 1, 2, 3, 4},
             {0.636974, 0.168283, 0.110801, 0.061481, 0.022461});

  const std::vector<float> sure_logits = LogitsOf({0.97, 0.01, 0.01, 0.005, 0.005});
  const Distribution sure(sure_logits);
  EXPECT_NEAR(sure.entropy(), 0.174632, 1e-6);
  EXPECT_NEAR(strong.TemperatureFor(sure.entropy()), 0.278652, 1e-6);
}

TEST(Edt, TemperatureRisesWithTheEntropyUpToT0) {
  const Edt edt = MakeEdt(0.9, 0.5);
  double last = -1;
  for (double h = 0; h < 12; h += 0.01) {
    const double t = edt.TemperatureFor(h);
    EXPECT_GE(t, last);
    EXPECT_LT(t, 0.9);
    last = t;
  }
  EXPECT_NEAR(edt.TemperatureFor(1e9), 0.9, 1e-9);
}

TEST(Edt, TakesTheArgmaxWhereTheModelIsSure) {
  const std::vector<float> logits = {0.0f, 40.0f, 0.0f};
  const Candidates kept = MakeEdt(1, 0.1).Truncate(Distribution(logits));
  ExpectKept(kept, {1}, {1.0});
}

TEST(Edt, NeverFlattensAndKeepsTheNucleus) {
  Random rng(38, 0);
  for (int round = 0; round < 200; ++round) {
    const std::vector<float> logits = RandomRow(rng);
    const Distribution distribution(logits);
    const Candidates all = MakeEdt(1, 0.3).Truncate(distribution);
    EXPECT_LE(all.kept_entropy(), distribution.entropy() + 1e-9);
    EXPECT_GE(MakeEdt(1, 0.3, 0.7).Truncate(distribution).mass(), 0.7 - 1e-9);
  }
}

}  // namespace
}  // namespace entrobench
