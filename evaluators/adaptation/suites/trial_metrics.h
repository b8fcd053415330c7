// What every suite of the family reports of a trial beside its accuracy: the
// names, once; but those that tables treat apart are in common/series.h.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "entrobench/v1/catalog.pb.h"

namespace entrobench {

inline constexpr char kMeanCorruptionError[] = "mean corruption error";
inline constexpr char kGainOverSource[] = "gain over source";
inline constexpr char kCalibrationError[] = "ECE";
inline constexpr char kSourceCalibrationError[] = "ECE of source";
inline constexpr char kCost[] = "cost";
inline constexpr char kForwardPasses[] = "forward passes";
inline constexpr char kBackwardPasses[] = "backward passes";
inline constexpr char kShareKept[] = "share kept";
inline constexpr char kCollapses[] = "collapses";
inline constexpr char kRestores[] = "restores";
inline constexpr char kUnknownAuroc[] = "AUROC of unknown";
inline constexpr char kWorstGroup[] = "worst-group accuracy";
inline constexpr char kLoadingWaits[] = "batches waited for";
// Followed by the group's name, class and background: "group error/Shirt/1". (Errors by corruption
// are kGroupErrorPrefix of common/series.h and its name, or "clean".)
inline constexpr char kBackgroundErrorPrefix[] = "group error/";

// With their meanings. Some are absent where they have none (the AUROC of unknown pictures where
// none came).
const std::vector<v1::MetricInfo>& AdaptationMetrics();

}  // namespace entrobench
