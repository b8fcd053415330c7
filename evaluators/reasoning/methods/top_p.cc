#include "evaluators/reasoning/methods/top_p.h"

namespace entrobench {

TopP::TopP(const Params& params) {
  decoding_.top_p = params.real("top_p");
  decoding_.temperature = params.real("temperature");
}

Task<Answer> TopP::Solve(const Problem& problem, Generator& lm) const {
  const Generation generation = co_await lm.Generate(problem.prompt, decoding_);
  co_return Answer(generation.text);
}

MethodEntry TopP::Entry() {
  return MethodBuilder<TopP>("top-p", "1")
      .Title("Top-p (nucleus) sampling")
      .Paper("The Curious Case of Neural Text Degeneration",
             "Ari Holtzman, Jan Buys, Li Du, Maxwell Forbes, Yejin Choi", 2019,
             "https://arxiv.org/abs/1904.09751")
      .Summary("Keeps the fewest most probable tokens whose mass reaches p.")
      .Equation(R"(S = \arg\min_{S'} |S'| \;\text{s.t.}\; \sum_{v \in S'} p_v \ge p)")
      .Rival()
      .Real("top_p", 0.9, 0.0, 1.0, "probability mass to keep; 1 keeps all, 0 is greedy")
      .Real("temperature", 1.0, 0.0, 5.0,
            "softmax temperature, applied before the cut; 0 is greedy")
      .Needs(v1::CAPABILITY_GENERATE)
      .Cost("one sample")
      .Build();
}

}  // namespace entrobench
