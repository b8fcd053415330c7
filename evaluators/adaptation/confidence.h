// What predictions' confidences are worth: calibration, and telling unknown images from known ones.
// Pure.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace entrobench {

// Expected calibration error with 15 bins of equal width (Guo et al., "On Calibration of Modern
// Neural Networks", 2017): sum over bins of n_b / n |accuracy_b - mean confidence_b|.
class CalibrationError {
 public:
  void Add(double confidence, bool right);  // `confidence` in [0, 1]
  double value() const;                     // 0 of none

 private:
  struct Bin {
    int64_t count = 0;
    double confidence = 0;
    double right = 0;
  };
  std::array<Bin, 15> bins_;
};

// The chance that an unknown image gets a lower confidence than a known one, ties counting half
// (the area under the ROC curve of rejecting it; Hendrycks and Gimpel, "A Baseline for Detecting
// Misclassified and Out-of-Distribution Examples", 2017). Neither may be empty.
double UnknownAuroc(std::vector<float> known, std::vector<float> unknown);

}  // namespace entrobench
