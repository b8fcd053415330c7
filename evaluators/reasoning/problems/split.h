// Which split a generated problem belongs to: decided by the problem itself, so the splits cannot
// share one.
#pragma once

#include "absl/strings/string_view.h"
#include "common/random.h"
#include "evaluators/reasoning/problems/generated_problem.h"

namespace entrobench {

// One problem in eight is a test problem.
inline Split SplitOf(absl::string_view canonical) {
  return HashBytes(canonical) % 8 == 0 ? Split::kTest : Split::kTrain;
}

// The random stream of one attempt to draw problem `index`: attempts follow each other until one
// lands in the split.
inline Random ProblemStream(absl::string_view generator, Split split, uint64_t index,
                            uint64_t attempt) {
  const uint64_t split_key = split == Split::kTrain ? 1 : 2;
  return Random(MixBits(HashBytes(generator), split_key), MixBits(index, attempt));
}

}  // namespace entrobench
