// The names of a trial's series of points (v1::Point). A series is a curve over steps, unless it is
// called "summary/NAME": that one has a single value, at step 0, which speaks of the whole trial.
// It is shown among the trial's metrics as NAME, beside the means over its samples, and never as a
// curve.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace entrobench {

inline constexpr char kSummaryPrefix[] = "summary/";

// Names of metrics that mean something to those who show them. How much of its stream a run had
// seen, in samples, when it collapsed; a run that did not has none.
inline constexpr char kCollapsedAt[] = "collapsed at";
// Whether a run collapsed, 0 or 1: of several, the share that did.
inline constexpr char kCollapsed[] = "collapsed";
// "error/GROUP": the share of a group's predictions that were wrong, in [0, 1]; shown as one table.
inline constexpr char kGroupErrorPrefix[] = "error/";

// "summary/NAME": what a point that says NAME of the whole trial is called.
inline std::string SummarySeries(absl::string_view name) {
  return absl::StrCat(kSummaryPrefix, name);
}

// NAME of "summary/NAME", none of a curve. A view into `series`.
inline std::optional<absl::string_view> SummaryName(absl::string_view series) {
  if (!absl::ConsumePrefix(&series, kSummaryPrefix)) return std::nullopt;
  return series;
}

}  // namespace entrobench
