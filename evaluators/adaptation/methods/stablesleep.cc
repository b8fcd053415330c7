#include "evaluators/adaptation/methods/stablesleep.h"

#include <cmath>
#include <utility>

#include "common/status_macros.h"
#include "evaluators/adaptation/batch_loss.h"
#include "evaluators/adaptation/sharpness.h"

namespace entrobench {

StableSleep::StableSleep(const Params& params)
    : params_(params),
      gate_(params.real("gate")),
      decay_(params.real("decay")),
      drift_(params.real("drift")) {}

absl::Status StableSleep::Begin(Network* network, const StreamSetting& setting) {
  network_ = network;
  EB_RETURN_IF_ERROR(network->Use(BatchStatistics::Refreshed(params_.real("momentum"))));
  EB_ASSIGN_OR_RETURN(tuner_, MakeTuner(params_, network, setting, /*doubled_alone=*/false));
  slow_ = tuner_->start();
  return absl::OkStatus();
}

absl::StatusOr<Adapted> StableSleep::Adapt(const ImageBatch& images, Random) {
  EB_ASSIGN_OR_RETURN(Predictions predictions, network_->ForwardForGradient(images));
  if (!(predictions.mean_entropy() < gate_ * std::log(predictions.classes()))) {
    const bool fell_back = Guard();
    return Adapted{std::move(predictions), 0, std::nullopt, fell_back};
  }
  BatchLoss loss(predictions);
  loss.AddMeanEntropy();
  EB_ASSIGN_OR_RETURN(const auto gradient, network_->Backward(loss.gradient()));
  tuner_->Step(gradient);
  const bool fell_back = Guard();
  return Adapted{std::move(predictions), images.size(), loss.value(), fell_back};
}

bool StableSleep::Guard() {
  const std::vector<double>& theta = tuner_->theta();
  std::vector<double> difference = theta;
  for (size_t j = 0; j < theta.size(); ++j) difference[j] -= slow_[j];
  if (Norm(difference) > drift_ * Norm(slow_)) {
    tuner_->Set(slow_);
    return true;
  }
  for (size_t j = 0; j < theta.size(); ++j) slow_[j] = decay_ * slow_[j] + (1 - decay_) * theta[j];
  return false;
}

void StableSleep::Reset() {
  tuner_->Restore();
  slow_ = tuner_->start();
}

AdaptationEntry StableSleep::Entry() {
  MethodDeclaration stablesleep("stablesleep", "1", "adaptation");
  stablesleep.Title("StableSleep")
      .Paper(
          "StableSleep: Source-Free Test-Time Adaptation for Sleep Staging with Lightweight Safety "
          "Rails",
          "Hritik Arasu, Faisal R Jahangiri", 2025, "https://arxiv.org/abs/2509.02982")
      .Summary(
          "Streaming Tent that pauses on uncertain batches and falls back on a slow copy when it "
          "drifts.")
      .Equation(R"(\theta \leftarrow \theta - \eta \nabla H_t \text{ if } H_t < \tau,\quad
\theta \leftarrow \bar\theta \text{ if } \lVert\theta - \bar\theta\rVert > \delta \lVert\bar\theta\rVert)")
      .Real("gate", 0.5, 0.0, 1.01, "largest mean entropy to learn from, as a share of ln C")
      .Real("momentum", 0.1, 0.0, 1.0, "share of the batch in the refreshed statistics")
      .Real("decay", 0.99, 0.0, 1.0, "of the slow copy, a batch")
      .Real("drift", 0.1, 0.0, 10.0, "largest relative distance from the slow copy")
      .Needs(v1::CAPABILITY_CLASSIFY)
      .Cost("one forward and at most one backward pass");
  DeclareTuning(UpdateRule::kAdam, /*below_top=*/false, &stablesleep);
  return MakeAdaptationEntry<StableSleep>(stablesleep);
}

}  // namespace entrobench
