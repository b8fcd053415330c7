#include "evaluators/reasoning/methods/min_p.h"

namespace entrobench {

MinP::MinP(const Params& params) {
  decoding_.min_p = params.real("min_p");
  decoding_.temperature = params.real("temperature");
}

Task<Answer> MinP::Solve(const Problem& problem, Generator& lm) const {
  const Generation generation = co_await lm.Generate(problem.prompt, decoding_);
  co_return Answer(generation.text);
}

MethodEntry MinP::Entry() {
  return MethodBuilder<MinP>("min-p", "1")
      .Title("Min-p sampling")
      .Paper("Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM Outputs",
             "Minh Nhat Nguyen, Andrew Baker, Clement Neo, Allen Roush, Andreas Kirsch, Ravid "
             "Shwartz-Ziv",
             2024, "https://arxiv.org/abs/2407.01082")
      .Summary(
          "Keeps the tokens that are at least min_p times as probable as the most probable one.")
      .Equation(R"(S = \{v : p_v \ge p_{\min} \max_u p_u\})")
      .Rival()
      .Real("min_p", 0.1, 0.0, 1.0,
            "least probability, as a share of the largest; 0 keeps all, 1 is greedy but for ties")
      .Real("temperature", 1.0, 0.0, 5.0,
            "softmax temperature, applied before the cut; 0 is greedy")
      .Needs(v1::CAPABILITY_GENERATE)
      .Cost("one sample")
      .Build();
}

}  // namespace entrobench
