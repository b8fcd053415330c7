// Eta sampling: keep every token whose probability reaches a threshold that falls as the entropy
// rises.
//
//   eta = min(epsilon, sqrt(epsilon) * exp(-H)),   S = { v : p_v >= eta }
//
// The most probable token is always kept.
//
// Source: Hewitt et al., "Truncation Sampling as Language Model Desmoothing", as in the authors'
// code (equality kept, alpha = sqrt(epsilon), H in nats). No departure.
#pragma once

#include "evaluators/language/candidates.h"
#include "evaluators/reasoning/method.h"

namespace entrobench {

class Eta final : public Method {
 public:
  explicit Eta(const Params& params);
  Candidates Truncate(const Distribution& distribution) const;
  Task<Answer> Solve(const Problem& problem, Generator& lm) const override;
  static MethodEntry Entry();

 private:
  double epsilon_;
  Temperature temperature_;
};

}  // namespace entrobench
