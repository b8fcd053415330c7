#include "evaluators/policy/optimizer.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/match.h"

namespace entrobench::policy {

using torch::Tensor;

Optimizer::Optimizer(const Transformer& model, const OptimizerOptions& options, Precision precision)
    : options_(options),
      product_type_(precision == Precision::kBfloat16 ? torch::kBFloat16 : torch::kFloat32),
      steps_(torch::zeros({}, torch::kInt64)) {
  for (const auto& [name, value] : model.parameters()) {
    const bool muon = value.dim() == 2 && absl::StartsWith(name, "blk.");
    slots_.push_back({name, value.detach(), muon, torch::zeros_like(value),
                      muon ? Tensor() : torch::zeros_like(value)});
  }
}

double Optimizer::Step(absl::Span<const Tensor> gradients, double rate_factor) {
  torch::NoGradGuard no_gradient;
  double squares = 0;
  for (const Tensor& gradient : gradients) {
    const double norm = gradient.norm().item<double>();
    squares += norm * norm;
  }
  const double norm = std::sqrt(squares);
  const double clip = std::min(1.0, options_.clip_norm / (norm + 1e-12));
  steps_ += 1;
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i].muon) StepAdam(slots_[i], gradients[i] * clip, rate_factor);
  }
  StepMuon(gradients, clip, rate_factor);
  return norm;
}

void Optimizer::StepAdam(Slot& slot, const Tensor& gradient, double rate_factor) {
  const double rate = options_.adam_rate * rate_factor;
  const auto step = static_cast<double>(steps_.item<int64_t>());
  slot.first.lerp_(gradient, 1 - options_.adam_beta1);
  slot.second.mul_(options_.adam_beta2).addcmul_(gradient, gradient, 1 - options_.adam_beta2);
  const double correction1 = 1 - std::pow(options_.adam_beta1, step);
  const double correction2 = 1 - std::pow(options_.adam_beta2, step);
  if (slot.value.dim() > 1) slot.value.mul_(1 - rate * options_.weight_decay);
  const Tensor scale = (slot.second / correction2).sqrt_().add_(1e-8);
  slot.value.addcdiv_(slot.first, scale, -rate / correction1);
}

void Optimizer::StepMuon(absl::Span<const Tensor> gradients, double clip, double rate_factor) {
  // Matrices of one shape, after laying the long side along the columns, are made orthogonal
  // together.
  std::map<std::pair<int64_t, int64_t>, std::vector<size_t>> groups;
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i].muon) continue;
    const auto [low, high] = std::minmax(slots_[i].value.size(0), slots_[i].value.size(1));
    groups[{low, high}].push_back(i);
  }
  const double rate = options_.muon_rate * rate_factor;
  for (const auto& [shape, members] : groups) {
    std::vector<Tensor> directions;
    for (const size_t i : members) {
      Slot& slot = slots_[i];
      const Tensor gradient = gradients[i] * clip;
      slot.first.lerp_(gradient, 1 - options_.muon_momentum);
      const Tensor direction = gradient.lerp_(slot.first, options_.muon_momentum);
      directions.push_back(slot.value.size(0) > slot.value.size(1) ? direction.t() : direction);
    }
    const Tensor steps = Orthogonalized(torch::stack(directions), product_type_);
    for (size_t member = 0; member < members.size(); ++member) {
      Slot& slot = slots_[members[member]];
      const bool tall = slot.value.size(0) > slot.value.size(1);
      const double shape_factor = std::sqrt(std::max(
          1.0, static_cast<double>(slot.value.size(0)) / static_cast<double>(slot.value.size(1))));
      const Tensor step = steps[static_cast<int64_t>(member)];
      slot.value.mul_(1 - rate * options_.weight_decay)
          .sub_(tall ? step.t() : step, rate * shape_factor);
    }
  }
}

std::vector<std::pair<std::string, Tensor>> Optimizer::State() const {
  std::vector<std::pair<std::string, Tensor>> state = {{"steps", steps_}};
  for (const Slot& slot : slots_) {
    state.emplace_back(slot.name + ".first", slot.first);
    if (!slot.muon) state.emplace_back(slot.name + ".second", slot.second);
  }
  return state;
}

Tensor Orthogonalized(const Tensor& stack, torch::ScalarType product_type) {
  const Tensor norms = stack.flatten(1).norm(2, 1).view({-1, 1, 1});
  Tensor x = (stack / (norms + 1e-7)).to(product_type);
  for (int round = 0; round < 5; ++round) {
    const Tensor gram = torch::bmm(x, x.transpose(1, 2));
    const Tensor polynomial = -4.7750 * gram + 2.0315 * torch::bmm(gram, gram);
    x = 3.4445 * x + torch::bmm(polynomial, x);
  }
  return x.to(torch::kFloat32);
}

}  // namespace entrobench::policy
