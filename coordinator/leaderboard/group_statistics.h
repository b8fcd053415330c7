// What is computed in the background of the trials (the seeds) of one row of the leaderboard, from
// their samples. Pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "coordinator/leaderboard/trial_group.h"
#include "coordinator/store/records.h"
#include "entrobench/v1/leaderboard.pb.h"

namespace entrobench {

// Raised whenever what is computed changes: older ones are then computed anew.
inline constexpr int64_t kStatisticsVersion = 2;

// By TrialGroup::Key().
using StatisticsByGroup = absl::flat_hash_map<std::string, GroupStatistics>;

// The statistics when they are there, of this version, and cover just the group's samples; else
// null.
const GroupStatistics* FindStatistics(const TrialGroup& group, const StatisticsByGroup& known);

struct TrialOutcomes {
  std::vector<SampleOutcome> samples;
  // Means over the samples, and what the trial says of itself (common/series.h), which goes first.
  std::map<std::string, double> metrics;
};

// `trials`: of each of the group's trials, in its order.
//   - the interval of the mean score: cluster bootstrap over problems with several seeds, Wilson's
//     with one. The draws are keyed by the group's key: the same on every machine;
//   - measures of uncertainty, without the curves (a page of many rows would be megabytes);
//   - with several seeds pass@k and maj@k, for k up to 8 and powers of two, over the problems that
//     every seed ran; not of an ordered suite;
//   - means of the metrics over the trials that have them, each trial weighted by its samples.
GroupStatistics ComputeStatistics(const TrialGroup& group, absl::Span<const TrialOutcomes> trials);

// None when no sample has an uncertainty. Not numbers (NaN) where there is nothing to say: the
// AUROC when all are right or all wrong, calibration when one half has no samples.
std::optional<v1::Uncertainty> UncertaintyOf(absl::Span<const TrialOutcomes> trials,
                                             bool with_curves);

}  // namespace entrobench
