// From what the engine saw of one problem to the result that is stored.
#pragma once

#include "absl/status/status.h"
#include "entrobench/v1/result.pb.h"
#include "entrobench/v1/sweep.pb.h"
#include "evaluators/language/language_model.h"
#include "evaluators/reasoning/problem.h"
#include "evaluators/reasoning/suite.h"

namespace entrobench {

// How many of the most probable alternatives of each token are kept with KEEP_ALL.
inline constexpr int kKeptAlternatives = 5;

// The result of one problem. `status` is how its coroutine ended: when it is not OK there is no
// answer, the score is 0 and `error` says why. Means run over all generated tokens, those that a
// fork shares with its parent counted once. Texts and traces are filled in as `keep` asks; bytes
// that are no UTF-8 are replaced.
v1::SampleResult RecordSample(const Suite& suite, const Problem& problem,
                              const absl::Status& status, const Answer& answer, const Usage& usage,
                              v1::Keep keep);

}  // namespace entrobench
