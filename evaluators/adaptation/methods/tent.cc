#include "evaluators/adaptation/methods/tent.h"

#include <utility>

#include "common/status_macros.h"
#include "evaluators/adaptation/batch_loss.h"

namespace entrobench {

Tent::Tent(const Params& params)
    : params_(params), steps_(params.integer("steps")), episodic_(params.boolean("episodic")) {}

absl::Status Tent::Begin(Network* network, const StreamSetting& setting) {
  network_ = network;
  EB_RETURN_IF_ERROR(network->Use(BatchStatistics::Batch()));
  EB_ASSIGN_OR_RETURN(tuner_, MakeTuner(params_, network, setting, /*doubled_alone=*/false));
  return absl::OkStatus();
}

absl::StatusOr<Adapted> Tent::Adapt(const ImageBatch& images, Random) {
  if (episodic_) tuner_->Restore();
  for (int step = 1;; ++step) {
    EB_ASSIGN_OR_RETURN(Predictions predictions, network_->ForwardForGradient(images));
    BatchLoss loss(predictions);
    loss.AddMeanEntropy();
    EB_ASSIGN_OR_RETURN(const auto gradient, network_->Backward(loss.gradient()));
    tuner_->Step(gradient);
    if (step == steps_) return Adapted{std::move(predictions), images.size(), loss.value()};
  }
}

AdaptationEntry Tent::Entry() {
  MethodDeclaration tent("tent", "1", "adaptation");
  tent.Title("Tent")
      .Paper("Tent: Fully Test-Time Adaptation by Entropy Minimization",
             "Dequan Wang, Evan Shelhamer, Shaoteng Liu, Bruno Olshausen, Trevor Darrell", 2021,
             "https://arxiv.org/abs/2006.10726")
      .Summary(
          "After each batch, one step on the mean entropy of its predictions; only scale and shift "
          "of the normalisation layers move.")
      .Equation(R"(L = \frac1n \sum_i H(z_i), \quad H(z) = -\sum_k p_k \ln p_k)")
      .Integer("steps", 1, 1, 100, "steps on each batch")
      .Boolean("episodic", false, "start afresh from the source before each batch")
      .Rival()
      .Needs(v1::CAPABILITY_CLASSIFY)
      .Cost("one forward and one backward pass a step");
  DeclareTuning(UpdateRule::kAdam, /*below_top=*/false, &tent);
  return MakeAdaptationEntry<Tent>(tent);
}

}  // namespace entrobench
