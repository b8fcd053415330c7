#include "evaluators/reasoning/methods/greedy.h"

namespace entrobench {

Task<Answer> Greedy::Solve(const Problem& problem, Generator& lm) const {
  Decoding decoding;
  decoding.temperature = 0;
  const Generation generation = co_await lm.Generate(problem.prompt, decoding);
  co_return Answer(generation.text);
}

MethodEntry Greedy::Entry() {
  return MethodBuilder<Greedy>("greedy", "1")
      .Title("Greedy decoding")
      .Summary("Always takes the most probable token.")
      .Equation(R"(x_t = \arg\max_v p(v \mid x_{<t}))")
      .Rival()
      .Needs(v1::CAPABILITY_GENERATE)
      .Cost("one sample")
      .Build();
}

}  // namespace entrobench
