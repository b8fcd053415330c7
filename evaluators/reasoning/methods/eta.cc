#include "evaluators/reasoning/methods/eta.h"

#include <algorithm>
#include <cmath>

#include "evaluators/reasoning/methods/sample_with.h"

namespace entrobench {

Eta::Eta(const Params& params)
    : epsilon_(params.real("epsilon")), temperature_(TemperatureOf(params)) {}

Candidates Eta::Truncate(const Distribution& distribution) const {
  Candidates p(distribution, temperature_);
  const double eta = std::min(epsilon_, std::sqrt(epsilon_) * std::exp(-p.entropy()));
  if (eta <= 0) return p;
  int k = 1;
  while (k < p.size() && p.p(k) >= eta) ++k;
  p.KeepTop(k);
  return p;
}

Task<Answer> Eta::Solve(const Problem& problem, Generator& lm) const {
  return SampleWith([this](const Distribution& d) { return Truncate(d); }, problem, lm);
}

MethodEntry Eta::Entry() {
  return MethodBuilder<Eta>("eta", "1")
      .Title("Eta sampling")
      .Paper("Truncation Sampling as Language Model Desmoothing",
             "John Hewitt, Christopher D. Manning, Percy Liang", 2022,
             "https://arxiv.org/abs/2210.15191")
      .Summary("Keeps the tokens above a probability threshold that falls as the entropy rises.")
      .Equation(
          R"(S = \left\{v : p_v \ge \min\left(\epsilon, \sqrt{\epsilon}\, e^{-H(p)}\right)\right\})")
      .Real("epsilon", 0.0002, 0.0, 1.0,
            "largest threshold; 0.0002 is usual for models of 3B to 8B, 0.0003 to 0.002 for GPT-2; "
            "0 keeps all")
      .Real("temperature", 1.0, 0.05, 5.0, kTemperatureMeaning)
      .Boolean("temperature_first", true, kTemperatureFirstMeaning)
      .Needs(v1::CAPABILITY_STEP)
      .Cost("one sample")
      .Build();
}

}  // namespace entrobench
