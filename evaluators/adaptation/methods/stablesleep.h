// StableSleep: streaming Tent with two guards, a gate that pauses learning on uncertain batches and
// a slow copy to fall back on.
//
//   1. batch norm: mu <- (1-m) mu + m mu_t,  var <- (1-m) var + m var_t, and normalise by these
//   2. H_t = mean entropy of the batch; if H_t < tau one step on it, else none
//   3. drift = ||theta - ema|| / ||ema||; if drift > delta: theta <- ema
//      else ema <- a ema + (1-a) theta
//
// ema starts at the source's values. A gated batch refreshes the statistics and predicts all the
// same.
//
// Source: reconstructed from the abstract of "StableSleep: Source-Free Test-Time Adaptation for
// Sleep Staging with Lightweight Safety Rails", which fixes Tent, the refresh, an entropy gate and
// a reset by a moving average; every constant and the exact test of drift are chosen here. The
// paper's data are electroencephalograms; here a window is a batch of pictures, and Adam's step is
// Tent's 0.001.
#pragma once

#include <optional>
#include <vector>

#include "evaluators/adaptation/method.h"
#include "evaluators/adaptation/tuner.h"

namespace entrobench {

class StableSleep final : public AdaptationMethod {
 public:
  explicit StableSleep(const Params& params);
  absl::Status Begin(Network* network, const StreamSetting& setting) override;
  absl::StatusOr<Adapted> Adapt(const ImageBatch& images, Random rng) override;
  void Reset() override;
  static AdaptationEntry Entry();

 private:
  bool Guard();  // step 3; true when theta fell back

  Params params_;
  double gate_;   // tau / ln C
  double decay_;  // a
  double drift_;  // delta
  Network* network_ = nullptr;
  std::optional<Tuner> tuner_;
  std::vector<double> slow_;  // ema
};

}  // namespace entrobench
