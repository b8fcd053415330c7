// What every suite of the family reports of a trial beside its accuracy: the names, once.
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
inline constexpr char kCollapsedAt[] = "collapsed at";
inline constexpr char kRestores[] = "restores";
inline constexpr char kUnknownAuroc[] = "AUROC of unknown";
inline constexpr char kWorstGroup[] = "worst-group accuracy";
inline constexpr char kLoadingWaits[] = "batches waited for";
// Followed by the corruption's name, "clean" where there is none.
inline constexpr char kErrorPrefix[] = "error/";
// Followed by the group's name: "Shirt/1", class and background.
inline constexpr char kGroupErrorPrefix[] = "group error/";

// With their meanings. Some are absent where they have none (the AUROC of unknown pictures where
// none came).
const std::vector<v1::MetricInfo>& AdaptationMetrics();

}  // namespace entrobench
