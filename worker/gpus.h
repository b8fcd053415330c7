// The NVIDIA GPUs of this machine, asked through NVML, which is loaded only when it is there.
#pragma once

#include <vector>

#include "entrobench/v1/worker.pb.h"

namespace entrobench {

// In NVML's order. Empty without a driver. `library` is for tests.
std::vector<v1::Gpu> FindGpus(const char* library = "libnvidia-ml.so.1");

}  // namespace entrobench
