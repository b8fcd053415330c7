// Where the first tokens of a prompt have been computed already: few-shot examples and chat
// preambles are the same in every problem, and problems come back.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "evaluators/language/distribution.h"

namespace entrobench {

struct PrefixSource {
  int lane = 0;    // the new prompt's own lane: nothing to copy
  int tokens = 0;  // of the prompt that need not be computed
};

// How many tokens a copy must save to be worth its time, for lanes of so many bytes. Copying a byte
// costs about as much as 8 multiply-adds (measured on CPUs).
inline int TokensWorthACopy(int64_t lane_bytes, int64_t parameters) {
  return static_cast<int>(8 * lane_bytes / (parameters > 0 ? parameters : 1)) + 1;
}

// The best source for `prompt` on `lane`, given the prompt tokens that each lane holds. At least
// the prompt's last token is always computed, `tokens` is a multiple of `grain`, and another lane
// than the prompt's own saves `least_saving` tokens more than that one.
PrefixSource FindPrefix(const std::vector<absl::Span<const Token>>& held, int lane,
                        absl::Span<const Token> prompt, int grain, int least_saving);

}  // namespace entrobench
