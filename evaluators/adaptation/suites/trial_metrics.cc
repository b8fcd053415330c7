#include "evaluators/adaptation/suites/trial_metrics.h"

#include "common/series.h"

namespace entrobench {
namespace {

struct Meaning {
  const char* name;
  const char* meaning;
  bool column;
};

constexpr Meaning kMeanings[] = {
    {kMeanCorruptionError, "mean over the corruptions of the share predicted wrongly", false},
    {kGainOverSource, "accuracy minus that of the unadapted network on the same stream", true},
    {kCalibrationError, "expected calibration error of the predictions, 15 bins of equal width",
     true},
    {kSourceCalibrationError, "the same of the unadapted network: before adaptation", false},
    {kCost,
     "forward passes for each image of the stream, a backward pass counted as two; 1 is "
     "forward-only",
     true},
    {kForwardPasses, "for each image", false},
    {kBackwardPasses, "for each image", false},
    {kShareKept, "share of the images that went into the method's loss", false},
    {kCollapses,
     "how often the network came to call most images one or two classes, or gave NaN or infinite "
     "numbers; counted anew after each reset",
     false},
    {kCollapsedAt, "images seen when the first collapse was noticed", false},
    {kRestores, "how often the method went back to its start by itself", false},
    {kUnknownAuroc,
     "chance that an image of no known class is predicted with less confidence than one of a known",
     true},
    {kWorstGroup, "accuracy on the worst of the groups, class x background", true},
    {kLoadingWaits, "batches that were not ready when the network was", false},
};

}  // namespace

const std::vector<v1::MetricInfo>& AdaptationMetrics() {
  static const auto& metrics = *new std::vector<v1::MetricInfo>([] {
    std::vector<v1::MetricInfo> all;
    for (const Meaning& meaning : kMeanings) {
      v1::MetricInfo& metric = all.emplace_back();
      metric.set_name(meaning.name);
      metric.set_meaning(meaning.meaning);
      metric.set_column(meaning.column);
    }
    return all;
  }());
  return metrics;
}

}  // namespace entrobench
