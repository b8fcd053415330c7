#include "evaluators/reasoning/methods/sample_with.h"

namespace entrobench {

Task<Answer> SampleWith(TruncationRule rule, const Problem& problem, Generator& lm) {
  double steps = 0, kept_tokens = 0, kept_mass = 0;
  Sequence s = co_await lm.Prefill(problem.prompt);
  while (!s.done()) {
    const Candidates kept = rule(s.distribution());
    steps += 1;
    kept_tokens += kept.size();
    kept_mass += kept.mass();
    const Token token = kept.Sample(s.rng());
    co_await s.Append(token);
  }
  Answer answer(s.text());
  if (steps > 0) {
    answer.metrics["kept_tokens"] = kept_tokens / steps;
    answer.metrics["kept_mass"] = kept_mass / steps;
  }
  co_return answer;
}

Temperature TemperatureOf(const Params& params) {
  return Temperature(params.real("temperature"), params.boolean("temperature_first"));
}

}  // namespace entrobench
