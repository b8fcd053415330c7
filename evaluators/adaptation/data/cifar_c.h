// CIFAR-10-C and CIFAR-100-C in their public layout (Hendrycks & Dietterich, ICLR 2019): a folder
// with an array of 32 x 32 x 3 bytes for each corruption, its five severities one after the other,
// and labels.npy. Any size of picture will do.
//
//   gaussian_noise.npy  (5 n) x height x width x 3    rows [(s-1) n, s n) have severity s
//   ...
//   labels.npy          5 n labels, repeated for each severity, or n
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evaluators/adaptation/data/image_source.h"
#include "evaluators/adaptation/data/npy.h"

namespace entrobench {

class CifarC : public ImageSource {
 public:
  // Opens every array of `folder` and reads the labels, no picture. All arrays must have the same
  // shape, and the severities the same labels, each below `classes`.
  static absl::StatusOr<std::unique_ptr<CifarC>> Open(const std::string& folder, int classes);

  const ImageShape& shape() const override { return shape_; }
  const std::vector<int>& labels() const override { return labels_; }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  const std::vector<std::string>& corruptions() const override { return corruptions_; }
  absl::StatusOr<Image> Load(const ImageRequest& request) const override;

 private:
  explicit CifarC(std::string folder) : folder_(std::move(folder)) {}
  absl::Status AddCorruption(const std::string& file_name);
  absl::Status SetLabels(std::vector<int> labels, int classes);

  const std::string folder_;
  ImageShape shape_;
  std::vector<int> labels_;                       // of one severity
  std::vector<std::string> class_names_;          // the labels' numbers: the layout names no class
  std::vector<std::string> corruptions_;          // the files' names without .npy, sorted
  std::vector<std::unique_ptr<NpyFile>> arrays_;  // by corruption
};

}  // namespace entrobench
