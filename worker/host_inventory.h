// What this machine offers, as far as this process may use it: CPU affinity and cgroup limits
// count.
#pragma once

#include <cstdint>
#include <string>

#include "entrobench/v1/worker.pb.h"

namespace entrobench {

// Host name, cores, memory, CPU and GPUs. Labels and BLAS are the caller's to set.
v1::HostInventory TakeInventory();

// The parts of it, from a given root folder ("" for this machine's own /) so that they can be
// tested.

// A cgroup's limits, version 2 or 1, over all its ancestors; 0: none.
struct CgroupLimits {
  double cores = 0;
  uint64_t memory_bytes = 0;
};
CgroupLimits ReadCgroupLimits(const std::string& root);

// Cores that may be used: `affinity` of them are allowed, the cgroup grants `quota` (0: all). A
// part of a core counts as none, but there is always one.
uint32_t UsableCores(uint32_t affinity, double quota);

std::string ReadCpuName(const std::string& root);   // of /proc/cpuinfo; "unknown"
uint64_t ReadMemoryBytes(const std::string& root);  // MemTotal of /proc/meminfo

}  // namespace entrobench
