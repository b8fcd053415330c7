// How often a network is right, as it was trained: nothing adapts.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "evaluators/adaptation/data/image_source.h"
#include "evaluators/adaptation/network.h"

namespace entrobench {

// Of each request, whether the network's most probable class is the picture's. Batch norm uses the
// statistics of training. Fails as Network and ImageSource do.
absl::StatusOr<std::vector<bool>> RightAnswers(Network* network, const ImageSource& source,
                                               absl::Span<const ImageRequest> requests);

// Share of right answers on the source's first `pictures` ones; severity 0: clean.
absl::StatusOr<double> Accuracy(Network* network, const ImageSource& source, int pictures,
                                int corruption, int severity);

// Share of right answers by class, on clean pictures with a painted background.
struct BackgroundAccuracies {
  std::vector<double> aligned;  // on the background that goes with the class
  std::vector<double> opposed;  // on another
};
absl::StatusOr<BackgroundAccuracies> AccuraciesByBackground(Network* network,
                                                            const ImageSource& source,
                                                            int pictures);

}  // namespace entrobench
