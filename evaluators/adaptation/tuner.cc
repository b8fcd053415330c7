#include "evaluators/adaptation/tuner.h"

#include "common/status_macros.h"

namespace entrobench {

Tuner::Tuner(Network* network, const UpdateRule& rule)
    : network_(network), rule_(rule), theta_(network->theta()), start_(theta_) {}

absl::StatusOr<Tuner> Tuner::Make(Network* network, ParameterSet parameters,
                                  const UpdateRule& rule) {
  EB_RETURN_IF_ERROR(network->Tune(parameters));
  return Tuner(network, rule);
}

void Tuner::Step(const std::vector<double>& gradient) {
  rule_.Step(gradient, &theta_);
  network_->set_theta(theta_);
}

void Tuner::Set(const std::vector<double>& theta) {
  theta_ = theta;
  network_->set_theta(theta_);
}

void Tuner::Restore() {
  network_->Restore();
  theta_ = start_;
  rule_.Reset();
}

void DeclareTuning(UpdateRule::Kind rule, bool below_top, MethodDeclaration* declaration) {
  declaration->Choice("optimizer", rule == UpdateRule::kSgd ? "sgd" : "adam", {"sgd", "adam"},
                      "sgd with momentum 0.9, or adam");
  declaration->Real("learning_rate", 0.0, 0.0, 10.0,
                    "step size; 0: 0.001 for adam, for sgd the papers' rule by architecture and "
                    "batch size");
  declaration->Choice("parameters", below_top ? "norm-below-top" : "norm",
                      {"norm", "norm-below-top"},
                      "scale and shift of all normalisation layers, or of those below the top "
                      "stage only");
}

absl::StatusOr<Tuner> MakeTuner(const Params& params, Network* network,
                                const StreamSetting& setting, bool doubled_alone) {
  const UpdateRule::Kind kind =
      params.text("optimizer") == "sgd" ? UpdateRule::kSgd : UpdateRule::kAdam;
  double rate = params.real("learning_rate");
  if (rate == 0) {
    rate = kind == UpdateRule::kAdam
               ? 0.001
               : PaperLearningRate(network->normalization(), setting.batch_size);
    if (kind == UpdateRule::kSgd && doubled_alone && setting.batch_size == 1) rate *= 2;
  }
  const ParameterSet parameters = params.text("parameters") == "norm"
                                      ? ParameterSet::kNormalization
                                      : ParameterSet::kNormalizationBelowTop;
  return Tuner::Make(network, parameters, UpdateRule(kind, rate));
}

double PaperLearningRate(Normalization normalization, int batch_size) {
  if (normalization == Normalization::kLayer) return 0.001 / 64 * batch_size;
  return batch_size >= 32 ? 0.00025 : 0.00025 / 64 * batch_size * 2;
}

}  // namespace entrobench
