// How jobs end, and what ends with them. All of it runs on the writer's thread, in its transaction.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/records.h"
#include "coordinator/store/sqlite.h"

namespace entrobench {

// Where the job, its trial and its sweep stand. NotFound: no such job.
absl::StatusOr<Progress> ReadProgress(Connection& db, uint64_t job_id);

// Ends the running job of `progress` as `state`, closes its open attempts, and ends its trial and
// sweep when this was the last; brings `progress` up to date.
absl::Status EndJob(Connection& db, int64_t now_ms, v1::State state, Progress* progress);

// Ends a trial without unfinished jobs, and its sweep when it was the last.
absl::Status EndTrial(Connection& db, int64_t now_ms, Progress* progress);

}  // namespace entrobench
