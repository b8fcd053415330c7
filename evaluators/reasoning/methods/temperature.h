// Plain sampling from softmax(z / T), nothing cut off. T = 1 samples from the model itself; T = 0
// is greedy.
#pragma once

#include "evaluators/reasoning/method.h"

namespace entrobench {

class TemperatureSampling final : public Method {
 public:
  explicit TemperatureSampling(const Params& params);
  Task<Answer> Solve(const Problem& problem, Generator& lm) const override;
  static MethodEntry Entry();

 private:
  Decoding decoding_;
};

}  // namespace entrobench
