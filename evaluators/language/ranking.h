// The tokens of a row of logits, best first, sorted only as far as anybody looks: a truncation rule
// looks at the first few hundred of 262,144.
#pragma once

#include <cstdint>
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

  // The token of rank `rank`, 0 being the best, and its logit. `rank` in [0, size()).
  Token token(int rank) const { return static_cast<Token>(KeyOf(rank) & 0xFFFFFFFF); }
  float logit(int rank) const;

 private:
  // A token and its logit as one number, such that ascending numbers are ascending ranks.
  using Key = uint64_t;

  Key KeyOf(int rank) const {
    while (static_cast<size_t>(rank) >= sorted_.size()) SortNextTier();
    return sorted_[static_cast<size_t>(rank)];
  }
  void SortNextTier() const;

  absl::Span<const float> logits_;
  mutable std::vector<Key> sorted_;  // ranks 0, 1, ...: all tokens with a logit of at least tier_
  mutable float tier_;
  mutable float tier_width_ = 2;  // of the next tier; each is half as wide again
};

}  // namespace entrobench
