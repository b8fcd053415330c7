// What trials demand and workers have, from the messages that say it; and whether they meet.
#pragma once

#include <string>
#include <vector>

#include "coordinator/scheduler/demand.h"
#include "entrobench/v1/entrobench.pb.h"

namespace entrobench {

Demand DemandOf(const v1::Resources& resources);
Capacity CapacityOf(const v1::HostInventory& inventory);

// A sentence for each kind of job in the trials that fits none of the connected workers even when
// nothing else runs there: it would wait for another worker. Nothing while none is connected.
std::vector<std::string> FitWarnings(const std::vector<v1::Trial>& trials,
                                     const std::vector<v1::WorkerStatus>& workers);

}  // namespace entrobench
