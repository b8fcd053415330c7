// Stays with a sweep until it ends: the progress of `watch` and of `submit --wait`.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "cli/client.h"
#include "cli/context.h"
#include "entrobench/v1/sweep.pb.h"

namespace entrobench::cli {

// Shows progress on context.err and returns the sweep's last status. A lost connection is said once
// and taken up again, with growing pauses. When the user interrupts, says that the sweep goes on,
// and returns Cancelled. Any other error of the coordinator comes back as it is; so does a first
// connection that fails, unless `known` says that the sweep is there.
absl::StatusOr<v1::SweepStatus> FollowSweep(Context& context, Client& client, uint64_t id,
                                            bool known);

// "s12 'name' is done: 4,000 samples (400 reused) in 2 min 3 s." with the failures, if any.
std::string Conclusion(const v1::SweepStatus& status);

// 0 when it is done, 1 when it failed or was cancelled.
int ExitCodeOf(const v1::SweepStatus& status);

}  // namespace entrobench::cli
