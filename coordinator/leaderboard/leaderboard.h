// The leaderboard's rows from trials' totals. Pure functions: no clock, no database.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "coordinator/leaderboard/trial_group.h"
#include "coordinator/store/records.h"
#include "entrobench/v1/leaderboard.pb.h"

namespace entrobench {

// interval_kind of a row of several seeds whose bootstrap is not there yet: Wilson's interval as if
// all samples were independent, which is too narrow.
inline constexpr char kProvisional[] = "wilson, seeds as independent (bootstrap not ready)";

// By TrialGroup::Key().
using StatisticsByGroup = absl::flat_hash_map<std::string, GroupStatistics>;

// The statistics when they are there and cover just the group's samples; else null. A group of one
// seed needs none.
const GroupStatistics* FindStatistics(const TrialGroup& group, const StatisticsByGroup& known);

// A group's bootstrap: `scores` are each trial's, in any order. The draws are keyed by the group's
// key, so the same group has the same interval on every machine.
GroupStatistics ComputeStatistics(const TrialGroup& group,
                                  absl::Span<const std::vector<SampleScore>> scores);

// Rows in blocks of one model, suite digest and options (which are compared with each other), the
// block with the best row first; within a block the best score first.
//
// LeaderboardRow.group within a block: the first row opens group 1; a row joins the open group
// unless its interval lies wholly below the interval of the row that opened it; then it opens the
// next. That is stricter than a test at 5%: rows of one group may well differ, rows of different
// groups do. (Paired tests on the same problems will tell more of them apart.)
//
// The note warns where every upper bound of a block is below 5%.
v1::Leaderboard BuildLeaderboard(const std::string& suite, const std::string& primary_metric,
                                 const std::vector<TrialGroup>& groups,
                                 const StatisticsByGroup& statistics);

}  // namespace entrobench
