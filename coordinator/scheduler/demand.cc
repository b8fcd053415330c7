#include "coordinator/scheduler/demand.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace entrobench {
namespace {

std::string Gigabytes(uint64_t bytes) {
  return absl::StrFormat("%.3g GiB", static_cast<double>(bytes) / (1u << 30));
}

bool Refuse(std::string* why, std::string text) {
  if (why != nullptr) *why = std::move(text);
  return false;
}

}  // namespace

bool CanEverFit(const Demand& demand, const Capacity& capacity, std::string* why) {
  if (demand.cores > capacity.cores) {
    return Refuse(why, absl::StrCat("needs ", demand.cores, " cores, has ", capacity.cores));
  }
  if (demand.memory_bytes > capacity.memory_bytes) {
    return Refuse(why, absl::StrCat("needs ", Gigabytes(demand.memory_bytes), " of memory, has ",
                                    Gigabytes(capacity.memory_bytes)));
  }
  const auto big_enough = static_cast<uint64_t>(
      std::count_if(capacity.gpu_memory_bytes.begin(), capacity.gpu_memory_bytes.end(),
                    [&demand](uint64_t bytes) { return bytes >= demand.gpu_memory_bytes; }));
  if (demand.gpus > big_enough) {
    return Refuse(why, absl::StrCat("needs ", demand.gpus, demand.gpus == 1 ? " GPU" : " GPUs",
                                    demand.gpu_memory_bytes == 0
                                        ? ""
                                        : absl::StrCat(" of ", Gigabytes(demand.gpu_memory_bytes)),
                                    ", has ", big_enough));
  }
  for (const std::string& label : demand.labels) {
    if (std::find(capacity.labels.begin(), capacity.labels.end(), label) == capacity.labels.end()) {
      return Refuse(why, absl::StrCat("needs the label '", label, "'"));
    }
  }
  return true;
}

}  // namespace entrobench
