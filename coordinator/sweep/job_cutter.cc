#include "coordinator/sweep/job_cutter.h"

#include <algorithm>

namespace entrobench {

std::vector<JobSlice> CutJobs(const v1::Trial& trial, absl::Span<const uint64_t> recorded,
                              uint64_t samples_per_job) {
  const uint64_t samples = trial.samples();
  const uint64_t step = trial.suite().ordered() ? samples : samples_per_job;
  std::vector<JobSlice> slices;
  size_t next = 0;  // the first of `recorded` that is not below the slice
  for (uint64_t begin = 0; begin < samples; begin += step) {
    const uint64_t end = std::min(samples, begin + step);
    const size_t first = next;
    while (next < recorded.size() && recorded[next] < end) ++next;
    if (next - first < end - begin) slices.push_back({begin, end});
  }
  return slices;
}

}  // namespace entrobench
