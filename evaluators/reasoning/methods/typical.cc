#include "evaluators/reasoning/methods/typical.h"

#include <limits>

#include "evaluators/reasoning/methods/sample_with.h"

namespace entrobench {

Typical::Typical(const Params& params)
    : tau_(params.real("tau")), temperature_(TemperatureOf(params)) {}

// Surprisal rises with rank, so deviations fall towards H and rise after it: the kept set is a run
// of ranks [left, right) that grows from H outwards, always to the nearer side.
Candidates Typical::Truncate(const Distribution& distribution) const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Candidates p(distribution, temperature_);
  if (tau_ >= 1) return p;  // rounding may keep the mass below 1
  const double h = p.entropy();

  int left = 0;
  while (left < p.size() && p.surprisal(left) < h) ++left;
  int right = left;
  const auto left_deviation = [&] { return left > 0 ? h - p.surprisal(left - 1) : kInfinity; };
  const auto right_deviation = [&] {
    return right < p.size() ? p.surprisal(right) - h : kInfinity;
  };

  double mass = 0, last = 0;
  do {
    if (left_deviation() <= right_deviation()) {
      last = left_deviation();
      mass += p.p(--left);
    } else {
      last = right_deviation();
      mass += p.p(right++);
    }
  } while (mass < tau_ && (left_deviation() < kInfinity || right_deviation() < kInfinity));
  while (left_deviation() <= last) --left;
  while (right_deviation() <= last) ++right;

  p.KeepRange(left, right);
  return p;
}

Task<Answer> Typical::Solve(const Problem& problem, Generator& lm) const {
  return SampleWith([this](const Distribution& d) { return Truncate(d); }, problem, lm);
}

MethodEntry Typical::Entry() {
  return MethodBuilder<Typical>("typical", "1")
      .Title("Locally typical sampling")
      .Paper("Locally Typical Sampling",
             "Clara Meister, Tiago Pimentel, Gian Wiher, Ryan Cotterell", 2022,
             "https://arxiv.org/abs/2202.00666")
      .Summary(
          "Keeps the tokens whose information content is nearest to the entropy of the "
          "distribution.")
      .Equation(
          R"(S = \arg\min_{S'} \sum_{v \in S'} \left| H(p) + \ln p_v \right| \;\text{s.t.}\; \sum_{v \in S'} p_v \ge \tau)")
      .Real("tau", 0.9, 0.0, 1.0, "probability mass to keep; 1 keeps all")
      .Real("temperature", 1.0, 0.05, 5.0, kTemperatureMeaning)
      .Boolean("temperature_first", true, kTemperatureFirstMeaning)
      .Needs(v1::CAPABILITY_STEP)
      .Cost("one sample")
      .Build();
}

}  // namespace entrobench
