// What a job occupies, what a worker has: the two sides of the resource fit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace entrobench {

// What one attempt occupies on its worker while it runs.
struct Demand {
  uint32_t cores = 1;                    // 0: all of the worker's, so it runs alone there
  uint64_t memory_bytes = 0;             // 0: no claim
  uint32_t gpus = 0;                     // each for this attempt alone
  uint64_t gpu_memory_bytes = 0;         // that each of those GPUs must have
  std::vector<std::string> labels = {};  // the worker must have them all

  friend bool operator==(const Demand&, const Demand&) = default;
  friend auto operator<=>(const Demand&, const Demand&) = default;
};

// What one worker has.
struct Capacity {
  uint32_t cores = 1;
  uint64_t memory_bytes = 0;
  std::vector<uint64_t> gpu_memory_bytes = {};  // one entry a GPU; at most 64
  std::vector<std::string> labels = {};
};

// True when `demand` fits a worker with nothing else on it. When not, and `why` is not null, `*why`
// says what is missing: "needs 2 GPUs, has 1".
bool CanEverFit(const Demand& demand, const Capacity& capacity, std::string* why = nullptr);

}  // namespace entrobench
