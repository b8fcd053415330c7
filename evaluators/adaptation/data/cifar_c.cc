#include "evaluators/adaptation/data/cifar_c.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"

namespace entrobench {
namespace {

constexpr absl::string_view kLabels = "labels.npy";
constexpr int64_t kMaxRows = 50'000'000;
constexpr int64_t kMaxSide = 4096;
constexpr size_t kMaxCorruptions = 100;

absl::StatusOr<std::vector<std::string>> ArrayNames(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!absl::EndsWith(name, ".npy") || name == kLabels) continue;
    names.push_back(name);
    if (names.size() > kMaxCorruptions) {
      return absl::InvalidArgumentError(absl::StrCat(folder, ": more than ", kMaxCorruptions,
                                                     " arrays; expected one for each corruption"));
    }
  }
  if (error) return absl::NotFoundError(absl::StrCat(folder, ": ", error.message()));
  if (names.empty()) {
    return absl::NotFoundError(absl::StrCat(
        folder, " has no .npy file; expected gaussian_noise.npy and so on, and labels.npy"));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CifarC>> CifarC::Open(const std::string& folder, int classes) {
  EB_ASSIGN_OR_RETURN(const std::vector<std::string> names, ArrayNames(folder));
  std::unique_ptr<CifarC> set(new CifarC(folder));
  for (const std::string& name : names) EB_RETURN_IF_ERROR(set->AddCorruption(name));
  EB_ASSIGN_OR_RETURN(std::vector<int> labels, ReadNpyLabels(absl::StrCat(folder, "/", kLabels)));
  EB_RETURN_IF_ERROR(set->SetLabels(std::move(labels), classes));
  return set;
}

absl::Status CifarC::AddCorruption(const std::string& file_name) {
  EB_ASSIGN_OR_RETURN(std::unique_ptr<NpyFile> array,
                      NpyFile::Open(absl::StrCat(folder_, "/", file_name)));
  const NpyHeader& header = array->header();
  const std::string found = absl::StrCat(array->path(), ": an array of ", header.item_bytes,
                                         "-byte numbers, ", absl::StrJoin(header.shape, " x "));
  if (header.kind != 'u' || header.item_bytes != 1 || header.shape.size() != 4 ||
      header.shape[3] != 3 || header.shape[1] > kMaxSide || header.shape[2] > kMaxSide ||
      header.rows() % kSeverities != 0 || header.rows() > kMaxRows) {
    return absl::InvalidArgumentError(absl::StrCat(
        found, "; expected bytes, images x height x width x 3, the five severities stacked"));
  }
  if (!arrays_.empty() && header.shape != arrays_.front()->header().shape) {
    return absl::InvalidArgumentError(
        absl::StrCat(found, ", but ", arrays_.front()->path(), " is ",
                     absl::StrJoin(arrays_.front()->header().shape, " x "),
                     ": all corruptions must be of the same images"));
  }
  shape_ = {3, static_cast<int>(header.shape[1]), static_cast<int>(header.shape[2])};
  corruptions_.push_back(file_name.substr(0, file_name.size() - 4));
  arrays_.push_back(std::move(array));
  return absl::OkStatus();
}

absl::Status CifarC::SetLabels(std::vector<int> labels, int classes) {
  const size_t rows = static_cast<size_t>(arrays_.front()->header().rows());
  const size_t images = rows / kSeverities;
  if (labels.size() != rows && labels.size() != images) {
    return absl::InvalidArgumentError(absl::StrCat(folder_, "/", kLabels, ": ", labels.size(),
                                                   " labels; expected ", rows, ", or ", images,
                                                   " for one severity"));
  }
  for (size_t i = images; i < labels.size(); ++i) {
    if (labels[i] == labels[i % images]) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        folder_, "/", kLabels, ": image ", i % images, " is of class ", labels[i % images],
        " at severity 1 and of class ", labels[i], " at severity ", i / images + 1,
        ": the severities must have the same images in the same order"));
  }
  labels.resize(images);
  const auto largest = std::max_element(labels.begin(), labels.end());
  if (*largest >= classes) {
    return absl::InvalidArgumentError(absl::StrCat(folder_, "/", kLabels, ": image ",
                                                   largest - labels.begin(), " is of class ",
                                                   *largest, "; expected 0 to ", classes - 1));
  }
  for (int c = 0; c < classes; ++c) class_names_.push_back(absl::StrCat(c));
  labels_ = std::move(labels);
  return absl::OkStatus();
}

absl::StatusOr<Image> CifarC::Load(const ImageRequest& request) const {
  EB_RETURN_IF_ERROR(CheckCorruptedRequest(*this, request, folder_));
  const NpyFile& array = *arrays_[static_cast<size_t>(request.corruption)];
  const int64_t row = (request.severity - 1) * static_cast<int64_t>(labels_.size()) + request.image;
  EB_ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes, array.ReadRow(row));
  Image image(shape_);
  size_t next = 0;  // the file has the channels innermost
  for (int y = 0; y < shape_.height; ++y) {
    for (int x = 0; x < shape_.width; ++x) {
      for (int c = 0; c < 3; ++c) image.at(c, y, x) = static_cast<float>(bytes[next++]) / 255.0F;
    }
  }
  return image;
}

}  // namespace entrobench
