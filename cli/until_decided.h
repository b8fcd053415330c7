// A gate that looks after every job, and runs more seeds of candidate and baseline until it is
// decided.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "cli/client.h"
#include "cli/context.h"
#include "entrobench/v1/leaderboard.pb.h"

namespace entrobench::cli {

// Runs `request` sequentially, against the baseline that is the sweep `baseline_sweep`, and answers
// with the report that was recorded. At most `max_samples` samples of the candidate. Inconclusive,
// having said why on context.err, where more seeds are not possible or would not be of what they
// claim to be. Cancelled when interrupted.
absl::StatusOr<v1::GateReport> GateUntilDecided(Context& context, Client& client,
                                                const v1::GateRequest& request,
                                                uint64_t max_samples, uint64_t baseline_sweep);

}  // namespace entrobench::cli
