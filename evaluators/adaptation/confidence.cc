#include "evaluators/adaptation/confidence.h"

#include <algorithm>
#include <cmath>

namespace entrobench {

void CalibrationError::Add(double confidence, bool right) {
  const double bins = static_cast<double>(bins_.size());
  // Bins are (low, high]: a confidence of just 1/15 is in the first.
  const double index = std::clamp(std::ceil(confidence * bins) - 1, 0.0, bins - 1);
  Bin& bin = bins_[static_cast<size_t>(index)];
  ++bin.count;
  bin.confidence += confidence;
  bin.right += right ? 1 : 0;
}

double CalibrationError::value() const {
  int64_t all = 0;
  double sum = 0;
  for (const Bin& bin : bins_) {
    all += bin.count;
    sum += std::abs(bin.right - bin.confidence);
  }
  return all == 0 ? 0 : sum / static_cast<double>(all);
}

double UnknownAuroc(std::vector<float> known, std::vector<float> unknown) {
  std::sort(known.begin(), known.end());
  double below = 0;
  for (const float confidence : unknown) {
    const auto [first, last] = std::equal_range(known.begin(), known.end(), confidence);
    const double above = static_cast<double>(known.end() - last);
    below += above + 0.5 * static_cast<double>(last - first);
  }
  return below / (static_cast<double>(known.size()) * static_cast<double>(unknown.size()));
}

}  // namespace entrobench
