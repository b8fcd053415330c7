// The tokens of a row of logits, best first, sorted only as far as anybody looks: a truncation rule
// looks at the first few hundred of 262,144.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "evaluators/language/distribution.h"

namespace entrobench {

// By logit, descending; equal logits by the lower token id. Does not own the row. Sorts while it is
// read: not for two threads.
class Ranking {
 public:
  // `best` is the row's argmax; the row holds no NaN.
  Ranking(absl::Span<const float> logits, Token best);

  int size() const { return static_cast<int>(logits_.size()); }

  // The token of rank `rank`, 0 being the best; in [0, size()).
  Token operator[](int rank) const {
    if (static_cast<size_t>(rank) >= sorted_.size()) SortUpTo(static_cast<size_t>(rank) + 1);
    return sorted_[static_cast<size_t>(rank)];
  }

 private:
  void SortUpTo(size_t count) const;
  void GatherNextTier() const;
  bool Before(Token a, Token b) const;

  absl::Span<const float> logits_;
  mutable std::vector<Token> sorted_;  // ranks 0, 1, ...
  mutable std::vector<Token>
      pending_;         // the tokens of logits in [tier_, the last sorted one], in any order
  mutable float tier_;  // all logits from here up are in sorted_ or pending_
  mutable float tier_width_ = 4;  // of the next tier; e^-4 is little of a first look
};

}  // namespace entrobench
