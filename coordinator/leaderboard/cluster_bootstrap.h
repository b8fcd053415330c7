// The interval of a mean over several seeds. Runs of one problem under several seeds are not
// independent (a hard problem is hard for all of them), so whole problems are drawn, each with all
// its seeds.
#pragma once

#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "coordinator/leaderboard/interval.h"

namespace entrobench {

inline constexpr char kWilson[] = "wilson";
inline constexpr char kClusterBootstrap[] = "cluster bootstrap";
inline constexpr char kClusterWilson[] = "wilson over problems";

// One problem's scores over the seeds that ran it.
struct ProblemScores {
  double sum = 0;
  uint32_t count = 0;  // > 0
};

struct ClusterInterval {
  ScoreInterval interval;
  std::string kind;
};

// Percentile bootstrap over problems (Efron and Tibshirani, "An Introduction to the Bootstrap",
// 1993, chapter 13): draws as many problems as there are, with replacement, 2,000 times; the
// statistic is the sum of their scores over the number of their runs; the ends are the 2.5% and
// 97.5% quantiles, linearly interpolated. A pure function of its arguments: the draws are keyed by
// `seed`.
//
// When all draws agree (every problem has the same mean: all right, all wrong, or one problem
// alone) the bootstrap says nothing; then Wilson's interval with the number of problems as its
// size, as if a problem's seeds said nothing that one seed does not: kind kClusterWilson.
ClusterInterval ClusterBootstrap(absl::Span<const ProblemScores> problems, uint64_t seed);

}  // namespace entrobench
