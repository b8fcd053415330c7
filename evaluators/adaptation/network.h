// A trained network as adaptation sees it: images to logits, and some parameters that may move.
// Torch is behind this interface (torch_network.h), so that a method and its tests know vectors of
// numbers only.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evaluators/adaptation/image_batch.h"
#include "evaluators/adaptation/predictions.h"

namespace entrobench {

// The kind of a network's normalisation layers (of the first, where they differ).
enum class Normalization { kNone, kBatch, kGroup, kLayer };

// Which parameters an update may move. Everything else is frozen.
enum class ParameterSet {
  kNormalization,          // scale and shift of every normalisation layer
  kNormalizationBelowTop,  // the same without those near the output (see IsTopLayer)
  kHead,                   // weight and bias of the last layer: the scores
  kScale,                  // receptive-field sizes: the parameters called log_scale
  kHeadAndScale,
};

// What batch normalisation normalises by. Networks without it ignore this.
struct BatchStatistics {
  enum Kind {
    kSource,     // the running mean and variance of training
    kBatch,      // mean and biased variance of the batch at hand; the running ones are unused
    kMixed,      // N / (N + n) source + n / (N + n) batch (unbiased variance), n pictures
    kRefreshed,  // the running ones, after running <- (1 - m) running + m batch (unbiased)
  };
  static BatchStatistics Source() { return {kSource, 0}; }
  static BatchStatistics Batch() { return {kBatch, 0}; }
  static BatchStatistics Mixed(double pictures) { return {kMixed, pictures}; }
  static BatchStatistics Refreshed(double momentum) { return {kRefreshed, momentum}; }

  Kind kind;
  double value;  // N or m
};

struct Matrix {
  int rows = 0;
  int columns = 0;
  std::vector<double> values;  // row by row

  double at(int row, int column) const {
    return values[static_cast<size_t>(row) * static_cast<size_t>(columns) +
                  static_cast<size_t>(column)];
  }
};

// Work done, in pictures: a batch of 64 counts 64.
struct Passes {
  int64_t forward = 0;
  int64_t backward = 0;
};

// Not thread-safe. A call that fails because the network threw (FailedPrecondition with its
// message; ResourceExhausted for want of memory) leaves parameters as they were.
class Network {
 public:
  Network() : passes_(std::make_shared<Passes>()) {}
  virtual ~Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  virtual int classes() const = 0;
  virtual Normalization normalization() const = 0;

  // Chooses what theta() is. FailedPrecondition, naming what is lacking, when the network has no
  // such parameters.
  virtual absl::Status Tune(ParameterSet set) = 0;

  // The tuned parameters, one after another.
  virtual std::vector<double> theta() const = 0;
  virtual void set_theta(const std::vector<double>& theta) = 0;

  // FailedPrecondition for Source, Mixed and Refreshed when the network stores no statistics.
  virtual absl::Status Use(const BatchStatistics& statistics) = 0;

  // Parameters and buffers as they were loaded. What is tuned and Use()d stays.
  virtual void Restore() = 0;

  absl::StatusOr<Predictions> Forward(const ImageBatch& images);

  // Forward, and remembers what Backward needs: memory of a whole batch's activations.
  absl::StatusOr<Predictions> ForwardForGradient(const ImageBatch& images);

  // From the gradient of a loss with respect to the logits of the last ForwardForGradient to that
  // with respect to theta(). Once for each of them.
  absl::StatusOr<std::vector<double>> Backward(const std::vector<double>& gradient);

  // Inputs of the last layer, a row for each picture; counts as a forward pass. FailedPrecondition
  // when the network does not show them.
  absl::StatusOr<Matrix> Features(const ImageBatch& images);

  // The last layer's weights: classes x features. FailedPrecondition as Features.
  virtual absl::StatusOr<Matrix> HeadWeights() const = 0;

  // A copy with its own parameters and buffers, as they are now, that tunes nothing yet. Its passes
  // are counted with this one's.
  std::unique_ptr<Network> Clone() const;

  const Passes& passes() const { return *passes_; }

 private:
  virtual absl::StatusOr<std::vector<double>> DoForward(const ImageBatch& images,
                                                        bool for_gradient) = 0;
  virtual absl::StatusOr<std::vector<double>> DoBackward(const std::vector<double>& gradient) = 0;
  virtual absl::StatusOr<Matrix> DoFeatures(const ImageBatch& images) = 0;
  virtual std::unique_ptr<Network> DoClone() const = 0;

  std::shared_ptr<Passes> passes_;
  int gradient_rows_ = 0;  // pictures of the last ForwardForGradient
};

}  // namespace entrobench
