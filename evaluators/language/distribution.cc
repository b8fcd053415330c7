#include "evaluators/language/distribution.h"

#include <cmath>
#include <limits>

namespace entrobench {

double Distribution::Logprob(Token token) const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double logit = logits_[static_cast<size_t>(token)];
  // The limit of a row with infinite logits: those share all the mass, and the entropy is the log
  // of their number.
  if (log_sum_exp() == kInfinity) return logit == kInfinity ? -entropy() : -kInfinity;
  return logit - log_sum_exp();
}

}  // namespace entrobench
