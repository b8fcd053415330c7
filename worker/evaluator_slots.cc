#include "worker/evaluator_slots.h"

#include <algorithm>
#include <set>

namespace entrobench {

std::optional<EvaluatorSlots::Placement> EvaluatorSlots::Place(absl::string_view model,
                                                               uint64_t memory_bytes) const {
  Placement placement;
  const std::vector<Id> idle = IdleLongestFirst();
  // The one used last: its caches are warmest, and the others can age towards eviction.
  for (auto it = idle.rbegin(); it != idle.rend() && !placement.use; ++it) {
    if (!model.empty() && slots_.at(*it).model == model) placement.use = *it;
  }
  for (auto it = idle.rbegin(); it != idle.rend() && !placement.use; ++it) {
    if (model.empty() || slots_.at(*it).model.empty()) placement.use = *it;
  }
  uint64_t resident = ResidentBytes();
  size_t count = slots_.size();
  // A warm evaluator already holds what it needs; any other will come to need it.
  const bool warm = placement.use && !model.empty() && slots_.at(*placement.use).model == model;
  const uint64_t needed = warm ? 0 : memory_bytes;
  const auto fits = [&] {
    const bool place = placement.use.has_value() || count < options_.most;
    const bool memory = options_.memory_bytes == 0 || resident + needed <= options_.memory_bytes;
    return place && memory;
  };
  for (const Id id : idle) {
    if (fits()) break;
    if (placement.use == id) continue;
    placement.evict.push_back(id);
    resident -= slots_.at(id).resident;
    --count;
  }
  // Memory that busy evaluators hold cannot be had; the coordinator counted on it fitting.
  if (!placement.use && count >= options_.most) return std::nullopt;
  return placement;
}

void EvaluatorSlots::Add(Id id, absl::Time now) {
  Slot slot;
  slot.idle_since = now;
  slots_[id] = slot;
}

void EvaluatorSlots::Remove(Id id) { slots_.erase(id); }

void EvaluatorSlots::SetBusy(Id id, absl::string_view model) {
  Slot& slot = slots_.at(id);
  slot.busy = true;
  if (!model.empty()) slot.model = std::string(model);
}

void EvaluatorSlots::SetIdle(Id id, absl::Time now) {
  Slot& slot = slots_.at(id);
  slot.busy = false;
  slot.idle_since = now;
}

void EvaluatorSlots::SetResident(Id id, uint64_t bytes) { slots_.at(id).resident = bytes; }

std::vector<EvaluatorSlots::Id> EvaluatorSlots::OverMemory() const {
  std::vector<Id> evict;
  if (options_.memory_bytes == 0) return evict;
  uint64_t resident = ResidentBytes();
  for (const Id id : IdleLongestFirst()) {
    if (resident <= options_.memory_bytes) break;
    evict.push_back(id);
    resident -= slots_.at(id).resident;
  }
  return evict;
}

std::vector<std::string> EvaluatorSlots::WarmModels() const {
  std::set<std::string> models;
  for (const auto& [id, slot] : slots_) {
    if (!slot.model.empty()) models.insert(slot.model);
  }
  return {models.begin(), models.end()};
}

uint64_t EvaluatorSlots::ResidentBytes() const {
  uint64_t bytes = 0;
  for (const auto& [id, slot] : slots_) bytes += slot.resident;
  return bytes;
}

std::vector<EvaluatorSlots::Id> EvaluatorSlots::IdleLongestFirst() const {
  std::vector<Id> idle;
  for (const auto& [id, slot] : slots_) {
    if (!slot.busy) idle.push_back(id);
  }
  std::stable_sort(idle.begin(), idle.end(), [this](Id a, Id b) {
    return slots_.at(a).idle_since < slots_.at(b).idle_since;
  });
  return idle;
}

}  // namespace entrobench
