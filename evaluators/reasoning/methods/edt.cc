#include "evaluators/reasoning/methods/edt.h"

#include <cmath>

#include "evaluators/reasoning/methods/sample_with.h"

namespace entrobench {
namespace {

constexpr double kLeastEntropy = 1e-6, kLeastTemperature = 1e-6;

}  // namespace

Edt::Edt(const Params& params)
    : t0_(params.real("t0")),
      theta_(params.real("theta")),
      n_(params.real("n")),
      top_p_(params.real("top_p")) {}

double Edt::TemperatureFor(double entropy) const {
  if (entropy < kLeastEntropy) return 0;
  const double t = t0_ * std::pow(n_, theta_ / entropy);
  return t < kLeastTemperature ? 0 : t;
}

Candidates Edt::Truncate(const Distribution& distribution) const {
  const double t = TemperatureFor(distribution.entropy());
  if (t == 0) {
    Candidates argmax(distribution);
    argmax.KeepTop(1);
    return argmax;
  }
  Candidates p(distribution, Temperature(t));
  p.KeepTopP(top_p_);
  return p;
}

Task<Answer> Edt::Solve(const Problem& problem, Generator& lm) const {
  return SampleWith([this](const Distribution& d) { return Truncate(d); }, problem, lm);
}

MethodEntry Edt::Entry() {
  return MethodBuilder<Edt>("edt", "1")
      .Title("EDT: entropy-based dynamic temperature")
      .Paper(
          "EDT: Improving Large Language Models' Generation by Entropy-based Dynamic Temperature "
          "Sampling",
          "Shimao Zhang, Yu Bao, Shujian Huang", 2024, "https://arxiv.org/abs/2403.14541")
      .Summary(
          "Gives each step its own temperature, which rises with the entropy and falls to 0 as the "
          "model becomes sure.")
      .Equation(R"(T_t = T_0\, N^{\theta / H_t}, \quad x_t \sim \mathrm{softmax}(z_t / T_t))")
      .Real("t0", 1.0, 0.05, 5.0, "temperature at infinite entropy, which no step exceeds")
      .Real("theta", 0.1, 0.0, 10.0,
            "how fast the temperature falls with the entropy, nats; 0 is plain sampling at t0")
      .Real("n", 0.8, 0.01, 0.99, "base of the power (N)")
      .Real("top_p", 1.0, 0.0, 1.0, "nucleus after the temperature; 1 keeps all")
      .Needs(v1::CAPABILITY_STEP)
      .Cost("one sample")
      .Build();
}

}  // namespace entrobench
