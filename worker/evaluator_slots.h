// Which evaluator an attempt goes to, when a new one is started and which idle one makes room.
// Bookkeeping only: it starts and ends nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace entrobench {

class EvaluatorSlots {
 public:
  using Id = uint64_t;

  struct Options {
    size_t most = 8;            // evaluators at once, idle ones included
    uint64_t memory_bytes = 0;  // resident, of all together; 0: no limit
  };

  explicit EvaluatorSlots(Options options) : options_(options) {}

  // What to do so that work for `model` (empty: none) can run.
  struct Placement {
    std::optional<Id> use;  // this idle evaluator; absent: start a new one
    std::vector<Id> evict;  // end these idle ones first, the longest idle first
  };
  // Prefers an idle evaluator that holds the model, then one that holds none. Nothing when all
  // places are taken by busy ones. `memory_bytes`: what the work may come to need; 0: unknown.
  std::optional<Placement> Place(absl::string_view model, uint64_t memory_bytes) const;

  void Add(Id id, absl::Time now);  // a new evaluator, idle
  void Remove(Id id);
  void SetBusy(Id id, absl::string_view model);  // it will hold `model` (unchanged when empty)
  void SetIdle(Id id, absl::Time now);
  void SetResident(Id id, uint64_t bytes);

  // Idle evaluators to end so that the memory limit holds again, the longest idle first.
  std::vector<Id> OverMemory() const;

  std::vector<std::string> WarmModels() const;  // sorted, each once
  uint64_t ResidentBytes() const;
  size_t size() const { return slots_.size(); }

 private:
  struct Slot {
    std::string model;
    bool busy = false;
    absl::Time idle_since;
    uint64_t resident = 0;
  };
  std::vector<Id> IdleLongestFirst() const;

  const Options options_;
  std::map<Id, Slot> slots_;
};

}  // namespace entrobench
