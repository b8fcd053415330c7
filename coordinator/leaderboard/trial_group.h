// The trials that make one row of the leaderboard: the same method, parameters, model and suite,
// one trial a seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "entrobench/v1/sweep.pb.h"

namespace entrobench {

struct TrialGroup {
  std::vector<v1::TrialStatus> trials;  // by seed, each seed once

  // Names the group in the store: the trial ids in rising order, "3,17,21".
  std::string Key() const;
  uint64_t samples() const;  // recorded, over all seeds
  bool complete() const;     // every trial has all its samples (and has ended well, if ordered)
};

// What rows must share to be compared with each other: model, suite digest and options.
std::string BlockKey(const v1::Trial& trial);

// The block of one sweep's own board, whose rows may be of other trials than the suite's: a cell
// that ran several times shows its largest run there.
std::string SweepBlockKey(const std::string& block, uint64_t sweep_id);

// Groups by method id and version, parameters, model digest (an endpoint's name), suite digest and
// options, determinism. Of trials of one group with the same seed (the same cell) one counts:
// complete ones go before others, then the one with more samples, then the newest. (Two complete
// ones differ when a sweep ran only the first N problems: the larger one says more.)
std::vector<TrialGroup> GroupTrials(std::vector<v1::TrialStatus> trials);

}  // namespace entrobench
