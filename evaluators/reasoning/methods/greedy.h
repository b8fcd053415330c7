// Greedy decoding: always the most probable token (ties: the lower id). The rival of every sampler,
// and what most of them become at one end of their range.
#pragma once

#include <memory>

#include "evaluators/reasoning/method.h"

namespace entrobench {

class Greedy final : public Method {
 public:
  explicit Greedy(const Params&) {}
  Task<Answer> Solve(const Problem& problem, Generator& lm) const override;
  static MethodEntry Entry();
};

}  // namespace entrobench
