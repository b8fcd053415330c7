#include "cli/metrics.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/format.h"
#include "common/series.h"

namespace entrobench::cli {

std::string FormatMetric(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value) || size >= 1e15) return FormatFixed(value, 0);
  if (size < 0.00005) return "0";
  const bool whole = value == std::round(value);
  if (whole || size >= 1000) {
    const auto rounded = static_cast<uint64_t>(std::llround(size));
    return absl::StrCat(value < 0 ? "-" : "", FormatCount(rounded));
  }
  return FormatFixed(value, size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4);
}

std::string CollapseWords(const Metrics& metrics) {
  const auto at = metrics.find(kCollapsedAt);
  if (at == metrics.end()) return "";
  const auto share = metrics.find(kCollapsed);
  const bool some = share != metrics.end() && share->second < 1;
  return absl::StrCat(
      "collapsed ", some ? absl::StrCat("in ", std::lround(100 * share->second), "% of runs ") : "",
      "after ", FormatMetric(std::round(at->second)), " images");
}

std::map<std::string, double> GroupErrors(const Metrics& metrics) {
  std::map<std::string, double> errors;
  for (const auto& [name, value] : metrics) {
    absl::string_view group = name;
    if (absl::ConsumePrefix(&group, kGroupErrorPrefix)) errors[std::string(group)] = value;
  }
  return errors;
}

std::vector<std::string> OtherMetrics(
    const Metrics& metrics, const google::protobuf::RepeatedPtrField<v1::MetricInfo>& described) {
  std::vector<std::string> names;
  const auto take = [&](const std::string& name) {
    if (name == kCollapsedAt || name == kCollapsed || absl::StartsWith(name, kGroupErrorPrefix))
      return;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const v1::MetricInfo& info : described) {
    if (metrics.contains(info.name())) take(info.name());
  }
  const std::map<std::string, double> sorted(metrics.begin(), metrics.end());
  for (const auto& [name, value] : sorted) take(name);
  return names;
}

}  // namespace entrobench::cli
