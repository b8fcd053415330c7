// A trial's samples cut into jobs.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "entrobench/v1/sweep.pb.h"

namespace entrobench {

// Samples [begin, end) of a trial.
struct JobSlice {
  uint64_t begin = 0;
  uint64_t end = 0;
  friend bool operator==(const JobSlice&, const JobSlice&) = default;
};

// Samples in a slice. Small enough that a sweep of a few hundred problems keeps several workers
// busy and a lost attempt loses little; large enough that the engine's batch (16 to 64 problems in
// flight) is full for most of the job and that leasing (well under a millisecond) vanishes beside
// running (seconds).
inline constexpr uint64_t kSamplesPerJob = 50;

// Slices that cover the samples [0, trial.samples()) which are not in `recorded` (ascending sample
// ids). A slice whose samples are all there is left out; a slice may hold some that are: the
// attempt is told and skips them. An ordered trial is one slice, or none when all is there.
std::vector<JobSlice> CutJobs(const v1::Trial& trial, absl::Span<const uint64_t> recorded,
                              uint64_t samples_per_job = kSamplesPerJob);

}  // namespace entrobench
