// Mirostat: hold the surprise of the generated text at tau bits a token, by feedback on a bound mu
// (bits), begun at 2 tau.
//
// Version 1. Zipf's exponent s from the m most probable tokens, with t_i = ln((i+1)/i),
// b_i = ln(p_i / p_{i+1}) and N the vocabulary's size:
//
//   s = sum t_i b_i / sum t_i^2,   e = s - 1,   k = (e 2^mu / (1 - N^-e))^(1/s)
//
// Keep the top k, draw x, observe its surprise S in bits, then mu <- mu - eta (S - tau).
// Version 2. Keep every token with -log2 p <= mu (and the most probable), draw, update likewise.
//
// Two conventions, both in wide use:
//                 ratios      kept                   S
//   authors       m           round(k) + 1           -log2 p(x), before the cut
//   llama.cpp     m - 1       max(1, floor(k))       -log2 q(x), renormalised on what is kept
//
// Source: Basu et al., "Mirostat" (authors' code for version 1; version 2 and the second
// convention: widely used library code). Choices of this project: k is held within [1, N] (it can
// exceed N or be no number), the limit k = (2^mu / ln N)^(1/s) is used for |e| < 1e-4, and only
// tokens with p > 0 give ratios. mu lives as long as a sequence and begins anew with the next.
#pragma once

#include "evaluators/language/candidates.h"
#include "evaluators/reasoning/method.h"

namespace entrobench {

class Mirostat final : public Method {
 public:
  explicit Mirostat(const Params& params);

  double FirstMu() const { return 2 * tau_; }
  // What is kept under the bound mu.
  Candidates Truncate(const Distribution& distribution, double mu) const;
  // The bound after kept.token(drawn) was drawn.
  double NextMu(double mu, const Candidates& kept, int drawn) const;

  Task<Answer> Solve(const Problem& problem, Generator& lm) const override;
  static MethodEntry Entry();

  // k of version 1, unrounded, in [1, n]; and the exponent s over the first `ratios` ratios of p
  // (fewer where there are fewer).
  static double KeptCount(double s, double mu, int n);
  static double ZipfExponent(const Candidates& p, int ratios);

 private:
  int version_;
  bool authors_;  // the convention
  double tau_;
  double eta_;
  int m_;
  Temperature temperature_;
};

}  // namespace entrobench
