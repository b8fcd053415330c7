// EDT: entropy-based dynamic temperature. Each step has its own temperature, which falls to 0 as
// the model becomes sure.
//
//   T = T0 * N^(theta / H),   0 < N < 1,   H: entropy at temperature 1
//
// Draw from softmax(z / T), cut to top_p.
//
// Source: Zhang et al., "EDT" (formula and N = 0.8: public write-ups that agree). Open there and
// chosen here: H in nats (another base only rescales theta), T0 = 1 and theta = 0.1 to begin with,
// top_p = 1. Below H = 1e-6 or T = 1e-6 the argmax is taken. Not llama.cpp's "dynamic temperature",
// which is another formula.
#pragma once

#include "evaluators/language/candidates.h"
#include "evaluators/reasoning/method.h"

namespace entrobench {

class Edt final : public Method {
 public:
  explicit Edt(const Params& params);

  // The step's temperature for an entropy in nats; 0 where the argmax is to be taken.
  double TemperatureFor(double entropy) const;
  Candidates Truncate(const Distribution& distribution) const;
  Task<Answer> Solve(const Problem& problem, Generator& lm) const override;
  static MethodEntry Entry();

 private:
  double t0_;
  double theta_;
  double n_;
  double top_p_;
};

}  // namespace entrobench
