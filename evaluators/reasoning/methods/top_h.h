// Top-H: keep the most probable tokens as long as the entropy of what is kept stays within a share
// alpha of the whole entropy.
//
// Two rules exist under this name; both always keep the most probable token, and neither is
// uniformly tighter.
//
// paper: add tokens, most probable first, while
//
//   H(q) <= alpha * H(p),   H(q) = B / A + ln A,   A = sum p,   B = -sum p ln p
//
// over those kept; q is p renormalised on them, H(p) is over the whole vocabulary.
//
// released: look at the top_n most probable tokens only and add while B <= alpha * B_n, the same
// sum over all top_n. (1/A and ln A stand on both sides of the released inequality and cancel.)
// Where top_n tokens hold all the mass this is the rule of the Transformers library, too.
//
// Source: Potraghloo et al., "Top-H Decoding" (paper text and authors' code; that they differ is
// certain). `paper` is the method, `released` is for comparing with published tables. No departure
// from either.
#pragma once

#include "evaluators/language/candidates.h"
#include "evaluators/reasoning/method.h"

namespace entrobench {

class TopH final : public Method {
 public:
  explicit TopH(const Params& params);
  Candidates Truncate(const Distribution& distribution) const;
  Task<Answer> Solve(const Problem& problem, Generator& lm) const override;
  static MethodEntry Entry();

 private:
  int PaperCut(const Candidates& p) const;
  int ReleasedCut(const Candidates& p) const;

  double alpha_;
  bool released_;
  int top_n_;
  Temperature temperature_;
};

}  // namespace entrobench
