// The writes of whole sweeps: what Store's methods of these names do on the writer's thread.
#pragma once

#include "absl/status/statusor.h"
#include "coordinator/store/records.h"
#include "coordinator/store/sqlite.h"

namespace entrobench {

absl::StatusOr<CreatedSweep> CreateSweep(Connection& db, int64_t now_ms, const NewSweep& sweep);
absl::StatusOr<Progress> FinishJob(Connection& db, int64_t now_ms, uint64_t job_id,
                                   v1::State state);
absl::StatusOr<v1::SweepStatus> CancelSweep(Connection& db, int64_t now_ms, uint64_t sweep_id);
absl::StatusOr<RetriedSweep> RetrySweep(Connection& db, uint64_t sweep_id);

}  // namespace entrobench
