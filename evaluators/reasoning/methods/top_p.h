// Nucleus sampling: from the tempered distribution keep the fewest tokens, most probable first,
// whose mass reaches top_p; renormalise and sample.
//
// Source: Holtzman et al., "The Curious Case of Neural Text Degeneration" (paper). The token that
// reaches the mass is kept. The rule itself is Candidates::KeepTopP; here the model applies it (an
// endpoint can, too).
#pragma once

#include "evaluators/reasoning/method.h"

namespace entrobench {

class TopP final : public Method {
 public:
  explicit TopP(const Params& params);
  Task<Answer> Solve(const Problem& problem, Generator& lm) const override;
  static MethodEntry Entry();

 private:
  Decoding decoding_;
};

}  // namespace entrobench
