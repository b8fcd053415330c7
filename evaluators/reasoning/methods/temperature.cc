#include "evaluators/reasoning/methods/temperature.h"

namespace entrobench {

TemperatureSampling::TemperatureSampling(const Params& params) {
  decoding_.temperature = params.real("temperature");
}

Task<Answer> TemperatureSampling::Solve(const Problem& problem, Generator& lm) const {
  const Generation generation = co_await lm.Generate(problem.prompt, decoding_);
  co_return Answer(generation.text);
}

MethodEntry TemperatureSampling::Entry() {
  return MethodBuilder<TemperatureSampling>("temperature", "1")
      .Title("Temperature sampling")
      .Summary("Samples from the tempered distribution of the whole vocabulary.")
      .Equation(R"(x_t \sim \mathrm{softmax}(z_t / T))")
      .Rival()
      .Real("temperature", 1.0, 0.0, 5.0, "softmax temperature; 0 is greedy")
      .Needs(v1::CAPABILITY_GENERATE)
      .Cost("one sample")
      .Build();
}

}  // namespace entrobench
