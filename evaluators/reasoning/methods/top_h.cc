#include "evaluators/reasoning/methods/top_h.h"

#include <algorithm>
#include <cmath>

#include "evaluators/reasoning/methods/sample_with.h"

namespace entrobench {
namespace {

// -p ln p, which is 0 for p = 0.
double Term(const Candidates& p, int k) { return p.p(k) > 0 ? p.p(k) * p.surprisal(k) : 0.0; }

}  // namespace

TopH::TopH(const Params& params)
    : alpha_(params.real("alpha")),
      released_(params.text("variant") == "released"),
      top_n_(params.integer("top_n")),
      temperature_(TemperatureOf(params)) {}

int TopH::PaperCut(const Candidates& p) const {
  if (alpha_ >= 1) return p.size();  // H(q) <= H(p) but for rounding
  const double bound = alpha_ * p.entropy();
  double a = p.p(0), b = Term(p, 0);
  int k = 1;
  for (; k < p.size(); ++k) {
    a += p.p(k);
    b += Term(p, k);
    if (b / a + std::log(a) > bound) break;
  }
  return k;
}

int TopH::ReleasedCut(const Candidates& p) const {
  const int n = std::min(top_n_, p.size());
  double all = 0;
  for (int k = 0; k < n; ++k) all += Term(p, k);
  double b = Term(p, 0);
  int k = 1;
  for (; k < n; ++k) {
    b += Term(p, k);
    if (b > alpha_ * all) break;
  }
  return k;
}

Candidates TopH::Truncate(const Distribution& distribution) const {
  Candidates p(distribution, temperature_);
  p.KeepTop(released_ ? ReleasedCut(p) : PaperCut(p));
  return p;
}

Task<Answer> TopH::Solve(const Problem& problem, Generator& lm) const {
  return SampleWith([this](const Distribution& d) { return Truncate(d); }, problem, lm);
}

MethodEntry TopH::Entry() {
  return MethodBuilder<TopH>("top-h", "1")
      .Title("Top-H decoding")
      .Paper(
          "Top-H Decoding: Adapting the Creativity and Coherence with Bounded Entropy in Text "
          "Generation",
          "Erfan Baghaei Potraghloo, Seyedarmin Azizi, Souvik Kundu, Massoud Pedram", 2025,
          "https://arxiv.org/abs/2509.02510")
      .Summary(
          "Keeps the most probable tokens while their entropy stays within a share of the whole "
          "entropy.")
      .Equation(
          R"(k^\ast = \max\{k : H(q_k) \le \alpha H(p)\}, \quad q_k = p|_{\text{top } k} / \textstyle\sum_{\text{top } k} p)")
      .Real("alpha", 0.4, 0.0, 1.0,
            "share of the entropy that may be kept; 0 is greedy, 1 keeps all")
      .Choice("variant", "paper", {"paper", "released"},
              "the rule of the paper's text or that of the authors' released code")
      .Integer("top_n", 100, 1, 1000,
               "tokens that the released rule looks at; the paper's rule looks at all")
      .Real("temperature", 1.0, 0.05, 5.0, kTemperatureMeaning)
      .Boolean("temperature_first", true, kTemperatureFirstMeaning)
      .Needs(v1::CAPABILITY_STEP)
      .Cost("one sample")
      .Build();
}

}  // namespace entrobench
