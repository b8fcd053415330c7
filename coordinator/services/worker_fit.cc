#include "coordinator/services/worker_fit.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace entrobench {
namespace {

// "worker a needs ..." for each connected worker; empty as soon as one fits.
std::vector<std::string> Misfits(const Demand& demand,
                                 const std::vector<v1::WorkerStatus>& workers) {
  std::vector<std::string> reasons;
  for (const v1::WorkerStatus& worker : workers) {
    if (!worker.connected()) continue;
    std::string why;
    if (CanEverFit(demand, CapacityOf(worker.inventory()), &why)) return {};
    reasons.push_back(absl::StrCat("on ", worker.name(), " it ", why));
  }
  return reasons;
}

}  // namespace

Demand DemandOf(const v1::Resources& resources) {
  Demand demand;
  demand.cores = resources.cores();
  demand.memory_bytes = resources.memory_bytes();
  demand.gpus = resources.gpus();
  demand.gpu_memory_bytes = resources.gpu_memory_bytes();
  demand.labels.assign(resources.labels().begin(), resources.labels().end());
  return demand;
}

Capacity CapacityOf(const v1::HostInventory& inventory) {
  Capacity capacity;
  capacity.cores = std::max(1u, inventory.cores());
  capacity.memory_bytes = inventory.memory_bytes();
  for (const v1::Gpu& gpu : inventory.gpus())
    capacity.gpu_memory_bytes.push_back(gpu.memory_bytes());
  capacity.labels.assign(inventory.labels().begin(), inventory.labels().end());
  return capacity;
}

std::vector<std::string> FitWarnings(const std::vector<v1::Trial>& trials,
                                     const std::vector<v1::WorkerStatus>& workers) {
  constexpr size_t kMostWorkersNamed = 3;
  std::map<Demand, size_t> demands;  // of how many trials
  for (const v1::Trial& trial : trials) ++demands[DemandOf(trial.resources())];
  std::vector<std::string> warnings;
  for (const auto& [demand, count] : demands) {
    std::vector<std::string> reasons = Misfits(demand, workers);
    if (reasons.empty()) continue;
    if (reasons.size() > kMostWorkersNamed) {
      reasons.resize(kMostWorkersNamed);
      reasons.emplace_back("and so on");
    }
    warnings.push_back(absl::StrCat(
        count == trials.size() ? "no connected worker can run these jobs"
                               : absl::StrCat("no connected worker can run the jobs of ", count,
                                              count == 1 ? " trial" : " trials"),
        ", which will wait for another one (see `resources`): ", absl::StrJoin(reasons, "; ")));
  }
  return warnings;
}

}  // namespace entrobench
