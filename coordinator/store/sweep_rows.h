// Sweeps and trials as their messages, read from a connection; used by readers and by writes that
// answer with a status.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/sqlite.h"
#include "entrobench/v1/sweep.pb.h"

namespace entrobench {

std::string FormatTime(int64_t milliseconds);  // RFC 3339, UTC, to the millisecond

// NotFound: no such sweep.
absl::StatusOr<v1::SweepStatus> ReadSweepStatus(Connection& db, uint64_t sweep_id);

// The columns that ReadTrial expects, of table `trials`.
inline constexpr char kTrialColumns[] =
    "spec, state, jobs, jobs_done, jobs_failed, recorded, errors, score_sum, score_square_sum, "
    "correct, generated_tokens, prompt_tokens, entropy_sum, confidence_sum, confidence_count, "
    "seconds_sum, reused, trial_id, sweep_id";
absl::StatusOr<v1::TrialStatus> ReadTrial(const Statement& row);

// Of a sweep, by id.
absl::StatusOr<std::vector<v1::TrialStatus>> ReadTrials(Connection& db, uint64_t sweep_id);

}  // namespace entrobench
