// Locally typical sampling: keep the tokens whose surprisal is nearest to the entropy, up to a mass
// of tau.
//
//   d_v = | -ln p_v - H |,   S = the shortest prefix, by d ascending, with mass >= tau
//
// Source: Meister et al., "Locally Typical Sampling", as in the authors' code: the token that
// reaches tau is kept, and so is every token as near as the last kept one. The most probable token
// may be dropped: that is intended. tau = 1 keeps all. No departure.
#pragma once

#include "evaluators/language/candidates.h"
#include "evaluators/reasoning/method.h"

namespace entrobench {

class Typical final : public Method {
 public:
  explicit Typical(const Params& params);
  Candidates Truncate(const Distribution& distribution) const;
  Task<Answer> Solve(const Problem& problem, Generator& lm) const override;
  static MethodEntry Entry();

 private:
  double tau_;
  Temperature temperature_;
};

}  // namespace entrobench
