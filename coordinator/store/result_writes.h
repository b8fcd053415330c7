// The writes of attempts and their results: what Store's methods of these names do on the writer's
// thread.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/records.h"
#include "coordinator/store/sample_rows.h"
#include "coordinator/store/sqlite.h"

namespace entrobench {

absl::Status RecordLeases(Connection& db, int64_t now_ms, const std::vector<LeaseRecord>& leases);

absl::Status CloseAttempts(Connection& db, int64_t now_ms,
                           const std::vector<ClosedAttempt>& attempts);

// `samples` are the batch's, encoded; the batch itself comes without them.
absl::StatusOr<BatchOutcome> RecordBatch(Connection& db, int64_t now_ms,
                                         const v1::ResultBatch& batch,
                                         const std::vector<EncodedSample>& samples);

}  // namespace entrobench
