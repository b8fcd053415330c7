// Min-p sampling: keep every token with p_v >= min_p * max p (equality kept, the most probable
// always), renormalise and sample. No entropy: the rival of the samplers that bound it.
//
// Source: Nguyen et al., "Turning Up the Heat" (authors' code), whose evaluations put the
// temperature before the cut; so does this. The rule itself is Candidates::KeepMinP; here the model
// applies it (an endpoint can, too; llama-server puts the temperature last unless told otherwise).
#pragma once

#include "evaluators/reasoning/method.h"

namespace entrobench {

class MinP final : public Method {
 public:
  explicit MinP(const Params& params);
  Task<Answer> Solve(const Problem& problem, Generator& lm) const override;
  static MethodEntry Entry();

 private:
  Decoding decoding_;
};

}  // namespace entrobench
