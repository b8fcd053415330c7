#include "evaluators/adaptation/networks/accuracy.h"

#include <algorithm>

#include "common/status_macros.h"
#include "evaluators/adaptation/streams/protocols.h"

namespace entrobench {

absl::StatusOr<std::vector<bool>> RightAnswers(Network* network, const ImageSource& source,
                                               absl::Span<const ImageRequest> requests) {
  constexpr size_t kBatch = 100;  // larger ones are no faster
  EB_RETURN_IF_ERROR(network->Use(BatchStatistics::Source()));
  std::vector<bool> right;
  for (size_t begin = 0; begin < requests.size(); begin += kBatch) {
    const auto batch = requests.subspan(begin, kBatch);
    OwnedImages images(source.shape());
    for (const ImageRequest& request : batch) {
      EB_ASSIGN_OR_RETURN(const Image image, source.Load(request));
      images.Add(image.values);
    }
    EB_ASSIGN_OR_RETURN(const Predictions predictions, network->Forward(images.view()));
    for (size_t i = 0; i < batch.size(); ++i) {
      right.push_back(predictions.top(static_cast<int>(i)) ==
                      source.labels()[static_cast<size_t>(batch[i].image)]);
    }
  }
  return right;
}

absl::StatusOr<double> Accuracy(Network* network, const ImageSource& source, int pictures,
                                int corruption, int severity) {
  std::vector<ImageRequest> requests;
  for (int i = 0; i < pictures; ++i) {
    requests.push_back({.image = i, .corruption = corruption, .severity = severity});
  }
  EB_ASSIGN_OR_RETURN(const std::vector<bool> right, RightAnswers(network, source, requests));
  return static_cast<double>(std::count(right.begin(), right.end(), true)) / pictures;
}

absl::StatusOr<BackgroundAccuracies> AccuraciesByBackground(Network* network,
                                                            const ImageSource& source,
                                                            int pictures) {
  const size_t classes = source.class_names().size();
  const auto by_class = [&](int offset) -> absl::StatusOr<std::vector<double>> {
    std::vector<ImageRequest> requests;
    for (int i = 0; i < pictures; ++i) {
      const int aligned = AlignedBackground(source.labels()[static_cast<size_t>(i)]);
      requests.push_back({.image = i, .background = (aligned + offset) % kBackgrounds});
    }
    EB_ASSIGN_OR_RETURN(const std::vector<bool> right, RightAnswers(network, source, requests));
    std::vector<double> shares(classes), counts(classes);
    for (size_t i = 0; i < right.size(); ++i) {
      const auto label = static_cast<size_t>(source.labels()[i]);
      ++counts[label];
      if (right[i]) ++shares[label];
    }
    for (size_t k = 0; k < classes; ++k) shares[k] /= std::max(1.0, counts[k]);
    return shares;
  };
  BackgroundAccuracies accuracies;
  EB_ASSIGN_OR_RETURN(accuracies.aligned, by_class(0));
  EB_ASSIGN_OR_RETURN(accuracies.opposed, by_class(1));
  return accuracies;
}

}  // namespace entrobench
