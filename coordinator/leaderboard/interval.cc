#include "coordinator/leaderboard/interval.h"

#include <algorithm>
#include <cmath>

namespace entrobench {

ScoreInterval WilsonInterval(double mean, double n) {
  if (!(n > 0)) return {0, 1};
  constexpr double kZ = 1.959963984540054;  // 97.5% of the standard normal
  const double p = std::clamp(mean, 0.0, 1.0);
  const double z2_n = kZ * kZ / n;
  const double centre = (p + z2_n / 2) / (1 + z2_n);
  const double half = kZ / (1 + z2_n) * std::sqrt(p * (1 - p) / n + z2_n / (4 * n));
  // At the ends rounding would leave 1e-18 instead of the end.
  return {p == 0 ? 0 : std::max(0.0, centre - half), p == 1 ? 1 : std::min(1.0, centre + half)};
}

}  // namespace entrobench
