#include "coordinator/leaderboard/cluster_bootstrap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/random.h"

namespace entrobench {
namespace {

constexpr int kResamples = 2000;

double Quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

}  // namespace

ClusterInterval ClusterBootstrap(absl::Span<const ProblemScores> problems, uint64_t seed) {
  if (problems.empty()) return {{0, 1}, kClusterWilson};
  std::vector<double> means;
  means.reserve(kResamples);
  for (int i = 0; i < kResamples; ++i) {
    Random random(seed, static_cast<uint64_t>(i));
    double sum = 0;
    uint64_t count = 0;
    for (size_t drawn = 0; drawn < problems.size(); ++drawn) {
      const ProblemScores& problem = problems[random.Below(problems.size())];
      sum += problem.sum;
      count += problem.count;
    }
    means.push_back(sum / static_cast<double>(count));
  }
  std::sort(means.begin(), means.end());
  const ScoreInterval interval = {Quantile(means, 0.025), Quantile(means, 0.975)};
  constexpr double kRounding = 1e-12;  // sums in another order differ by this much
  if (means.back() - means.front() > kRounding) return {interval, kClusterBootstrap};
  return {WilsonInterval(means.front(), static_cast<double>(problems.size())), kClusterWilson};
}

}  // namespace entrobench
