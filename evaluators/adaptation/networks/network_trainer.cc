#include "evaluators/adaptation/networks/network_trainer.h"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <cmath>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "evaluators/adaptation/networks/network_builder.h"

namespace entrobench {

double LearningRate(const TrainingPlan& plan, int64_t step) {
  constexpr double kWarmUp = 0.15, kPi = 3.14159265358979323846;
  const double done = static_cast<double>(step + 1) / static_cast<double>(plan.steps);
  if (done < kWarmUp) return plan.peak_rate * done / kWarmUp;
  const double fall = (done - kWarmUp) / (1 - kWarmUp);
  return plan.peak_rate * (1 + std::cos(kPi * fall)) / 2;
}

struct NetworkTrainer::State {
  torch::jit::Module module;
  std::vector<at::Tensor> parameters;
  std::unique_ptr<torch::optim::AdamW> optimizer;
  int64_t step = 0;
};

NetworkTrainer::NetworkTrainer(Architecture architecture, const TrainingPlan& plan)
    : plan_(plan), state_(std::make_unique<State>()) {
  at::set_num_threads(1);
  state_->module = BuildNetwork(architecture, plan.seed);
  std::vector<at::Tensor> decayed, kept;
  for (const at::Tensor& parameter : state_->module.parameters()) {
    parameter.set_requires_grad(true);
    state_->parameters.push_back(parameter);
    (parameter.dim() >= 2 ? decayed : kept).push_back(parameter);
  }
  const auto options = [](double decay) {
    return std::make_unique<torch::optim::AdamWOptions>(
        torch::optim::AdamWOptions().weight_decay(decay));
  };
  state_->optimizer =
      std::make_unique<torch::optim::AdamW>(std::vector<torch::optim::OptimizerParamGroup>{
          {decayed, options(plan.weight_decay)}, {kept, options(0)}});
}

NetworkTrainer::~NetworkTrainer() = default;

absl::StatusOr<double> NetworkTrainer::Step(const ImageBatch& images,
                                            absl::Span<const int> labels) {
  constexpr double kLargestGradient = 1;  // norm; the transformer's first steps need it
  try {
    torch::jit::GraphOptimizerEnabledGuard plain(false);
    for (torch::optim::OptimizerParamGroup& group : state_->optimizer->param_groups()) {
      static_cast<torch::optim::AdamWOptions&>(group.options())
          .lr(LearningRate(plan_, state_->step));
    }
    const ImageShape& shape = images.shape;
    const at::Tensor pixels =
        at::from_blob(const_cast<float*>(images.pixels.data()),
                      {images.size(), shape.channels, shape.height, shape.width});
    const at::Tensor classes = at::tensor(std::vector<int64_t>(labels.begin(), labels.end()));
    const at::Tensor logits = state_->module.get_method("forward")({pixels}).toTensor();
    const at::Tensor loss = at::cross_entropy_loss(logits, classes);
    state_->optimizer->zero_grad();
    loss.backward();
    torch::nn::utils::clip_grad_norm_(state_->parameters, kLargestGradient);
    state_->optimizer->step();
    ++state_->step;
    const double value = loss.item<double>();
    if (std::isfinite(value)) return value;
    return absl::InternalError(absl::StrCat("the loss of step ", state_->step, " is ", value));
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("torch: ", error.what()));
  }
}

int64_t NetworkTrainer::parameters() const {
  int64_t sum = 0;
  for (const at::Tensor& parameter : state_->parameters) sum += parameter.numel();
  return sum;
}

absl::Status NetworkTrainer::Save(const std::string& path) const {
  std::ostringstream file;
  try {
    torch::jit::Module copy = state_->module.deepcopy();
    copy.eval();
    copy.save(file);
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("torch: ", error.what()));
  }
  return WriteFileAtomically(path, file.str());
}

}  // namespace entrobench
