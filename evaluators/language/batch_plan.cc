#include "evaluators/language/batch_plan.h"

#include <algorithm>

namespace entrobench {

std::vector<PlannedRow> PlanRows(const std::vector<int>& wanted, int lanes, bool never_single) {
  // Shortest holes first: each filled hole saves one pass, whatever its length.
  std::vector<std::pair<int, int>> holes;  // length, first lane
  for (size_t i = 1; i < wanted.size(); ++i) {
    const int length = wanted[i] - wanted[i - 1] - 1;
    if (length > 0) holes.emplace_back(length, wanted[i - 1] + 1);
  }
  std::sort(holes.begin(), holes.end());
  std::vector<bool> covered(static_cast<size_t>(lanes), false), filler = covered;
  for (const int lane : wanted) covered[static_cast<size_t>(lane)] = true;
  int fillers = 0;
  const auto fill = [&](int lane) {
    covered[static_cast<size_t>(lane)] = filler[static_cast<size_t>(lane)] = true;
    ++fillers;
  };
  for (const auto& [length, first] : holes) {
    if (fillers + length >= static_cast<int>(wanted.size())) break;
    for (int lane = first; lane < first + length; ++lane) fill(lane);
  }
  if (never_single) {
    for (const int lane : wanted) {
      const bool left = lane > 0 && covered[static_cast<size_t>(lane) - 1];
      const bool right = lane + 1 < lanes && covered[static_cast<size_t>(lane) + 1];
      if (!left && !right) fill(lane + 1 < lanes ? lane + 1 : lane - 1);
    }
  }
  std::vector<PlannedRow> rows;
  for (int lane = 0; lane < lanes; ++lane) {
    const auto at = static_cast<size_t>(lane);
    if (covered[at]) rows.push_back({lane, filler[at]});
  }
  return rows;
}

}  // namespace entrobench
