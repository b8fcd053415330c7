#include "evaluators/adaptation/methods/dynamic_scale.h"

#include <utility>

#include "common/status_macros.h"
#include "evaluators/adaptation/batch_loss.h"

namespace entrobench {

DynamicScale::DynamicScale(const Params& params)
    : params_(params), steps_(params.integer("steps")) {}

absl::Status DynamicScale::Begin(Network* network, const StreamSetting&) {
  network_ = network;
  EB_RETURN_IF_ERROR(network->Use(BatchStatistics::Source()));
  const std::string moved = params_.text("parameters");
  const ParameterSet set = moved == "both"   ? ParameterSet::kHeadAndScale
                           : moved == "head" ? ParameterSet::kHead
                                             : ParameterSet::kScale;
  const UpdateRule rule(params_.text("optimizer") == "sgd" ? UpdateRule::kSgd : UpdateRule::kAdam,
                        params_.real("learning_rate"));
  EB_ASSIGN_OR_RETURN(tuner_, Tuner::Make(network, set, rule));
  return absl::OkStatus();
}

absl::StatusOr<Adapted> DynamicScale::Adapt(const ImageBatch& images, Random) {
  std::vector<double> logits;
  double last_loss = 0;
  for (int i = 0; i < images.size(); ++i) {
    const ImageBatch image(images.shape, images.image(i));
    for (int step = 0; step < steps_; ++step) {
      EB_ASSIGN_OR_RETURN(const Predictions p, network_->ForwardForGradient(image));
      BatchLoss loss(p);
      loss.AddMeanEntropy();
      EB_ASSIGN_OR_RETURN(const auto gradient, network_->Backward(loss.gradient()));
      tuner_->Step(gradient);
      if (step == steps_ - 1) last_loss += loss.value() / images.size();
    }
    EB_ASSIGN_OR_RETURN(const Predictions p, network_->Forward(image));
    for (int row = 0; row < p.rows(); ++row) {
      for (int k = 0; k < p.classes(); ++k) logits.push_back(p.z(row, k));
    }
    if (steps_ > 0) tuner_->Restore();
  }
  Predictions predictions(network_->classes(), std::move(logits));
  if (steps_ == 0) return Adapted{std::move(predictions)};
  return Adapted{std::move(predictions), images.size(), last_loss};
}

AdaptationEntry DynamicScale::Entry() {
  return MakeAdaptationEntry<DynamicScale>(
      MethodDeclaration("dynamic-scale", "1", "adaptation")
          .Title("Dynamic scale inference")
          .Paper("Dynamic Scale Inference by Entropy Minimization",
                 "Dequan Wang, Evan Shelhamer, Bruno Olshausen, Trevor Darrell", 2019,
                 "https://arxiv.org/abs/1908.03182")
          .Summary("For each picture a few steps on the entropy of its prediction, moving the last "
                   "layer "
                   "and the filters' scales.")
          .Equation(
              R"(\theta_{s,r} \leftarrow \theta_{s,r} - \eta\, \nabla H(z(x)),\quad T \text{ times for each } x)")
          .Integer("steps", 32, 0, 1000, "T, steps for each picture; 0: the feed-forward network")
          .Choice("parameters", "both", {"both", "head", "scale"}, "what moves")
          .Choice("optimizer", "adam", {"sgd", "adam"}, "sgd with momentum 0.9, or adam")
          .Real("learning_rate", 0.001, 0.0, 10.0, "step size")
          .Needs(v1::CAPABILITY_CLASSIFY)
          .Cost("steps + 1 forward and as many backward passes as steps"));
}

}  // namespace entrobench
