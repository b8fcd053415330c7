// Supervised training of a network on labelled pictures. Free of torch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "evaluators/adaptation/image_batch.h"
#include "evaluators/adaptation/networks/architecture.h"

namespace entrobench {

struct TrainingPlan {
  uint64_t seed = 1;           // of the first weights
  int64_t steps = 1000;        // the learning rate is 0 after them
  double peak_rate = 0.003;    // of AdamW
  double weight_decay = 0.05;  // of matrices and filters; scales, shifts and biases have none
};

// The learning rate of a step in [0, plan.steps): up in a straight line over the first 15%, then
// down along a cosine.
double LearningRate(const TrainingPlan& plan, int64_t step);

// Uses one thread, so that the weights depend on plan and data only (on one kind of CPU).
class NetworkTrainer {
 public:
  NetworkTrainer(Architecture architecture, const TrainingPlan& plan);
  ~NetworkTrainer();
  NetworkTrainer(const NetworkTrainer&) = delete;
  NetworkTrainer& operator=(const NetworkTrainer&) = delete;

  // One step on the mean cross-entropy, which it returns as it was before (nats). `labels`: one a
  // picture, in [0, kNetworkClasses). Internal if torch fails or the loss is not finite.
  absl::StatusOr<double> Step(const ImageBatch& images, absl::Span<const int> labels);

  int64_t parameters() const;  // numbers that are learnt

  // Writes a TorchScript file, in evaluation mode; whole or not at all.
  absl::Status Save(const std::string& path) const;

 private:
  struct State;
  const TrainingPlan plan_;
  std::unique_ptr<State> state_;
};

}  // namespace entrobench
