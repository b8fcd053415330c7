#include "evaluators/policy/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace entrobench::policy {
namespace {

using torch::Tensor;

constexpr TransformerConfig kSmall{
    .vocab_size = 11, .context_length = 8, .width = 8, .layers = 1, .heads = 2, .feed_forward = 16};

std::vector<Tensor> ZeroGradients(const Transformer& model) {
  std::vector<Tensor> gradients;
  for (const auto& parameter : model.parameters()) {
    gradients.push_back(torch::zeros_like(parameter.value).detach());
  }
  return gradients;
}

size_t IndexOf(const Transformer& model, const std::string& name) {
  for (size_t i = 0; i < model.parameters().size(); ++i) {
    if (model.parameters()[i].name == name) return i;
  }
  return model.parameters().size();
}

TEST(Orthogonalized, BringsEverySingularValueNearOne) {
  torch::manual_seed(5);
  const Tensor stack = torch::randn({3, 16, 40});
  const Tensor result = Orthogonalized(stack, torch::kFloat32);
  // Eigenvalues of X X^T are the squared singular values.
  for (int64_t i = 0; i < 3; ++i) {
    const Tensor values = torch::linalg_eigvalsh(torch::mm(result[i], result[i].t())).sqrt();
    EXPECT_GT(values.min().item<double>(), 0.6);
    EXPECT_LT(values.max().item<double>(), 1.3);
  }
}

TEST(Orthogonalized, KeepsTheDirectionOfARankOneMatrix) {
  const Tensor u = torch::tensor({0.6f, 0.8f}), v = torch::tensor({1.0f, 0.0f, 0.0f});
  const Tensor result = Orthogonalized(torch::outer(u, v).unsqueeze(0) * 7, torch::kFloat32)[0];
  const double along = torch::dot(u, torch::mv(result, v)).item<double>();
  double value = 1;  // the one singular value, through the same five steps
  for (int round = 0; round < 5; ++round) {
    value = 3.4445 * value - 4.7750 * std::pow(value, 3) + 2.0315 * std::pow(value, 5);
  }
  EXPECT_NEAR(along, value, 1e-4);
  EXPECT_NEAR((result - along * torch::outer(u, v)).norm().item<double>(), 0, 1e-3);
}

TEST(Optimizer, FirstAdamStepIsTheRateAgainstTheGradientsSign) {
  // With bias correction the first step is rate * g / |g|.
  const Transformer model(kSmall, 1);
  Optimizer optimizer(model, {.adam_rate = 0.1}, Precision::kFloat32);
  const size_t norm = IndexOf(model, "output_norm.weight");
  auto gradients = ZeroGradients(model);
  gradients[norm][0] = 0.5f;
  gradients[norm][1] = -0.25f;
  optimizer.Step(gradients, 0.5);
  const Tensor value = model.parameters()[norm].value;
  EXPECT_NEAR(value[0].item<double>(), 1 - 0.05, 1e-4);
  EXPECT_NEAR(value[1].item<double>(), 1 + 0.05, 1e-4);
  EXPECT_EQ(value[2].item<double>(), 1);
}

TEST(Optimizer, MuonStepHasTheSizeOfTheRateWhateverTheGradients) {
  // Rows of an orthogonal step of a square matrix have norm 1 each, so its Frobenius norm is
  // sqrt(8) * rate, up to the iteration's spread.
  for (const double size : {1e-3, 1e3}) {
    const Transformer model(kSmall, 1);
    Optimizer optimizer(model, {.muon_rate = 0.1, .weight_decay = 0}, Precision::kFloat32);
    const size_t query = IndexOf(model, "blk.0.attn_q.weight");
    const Tensor before = model.parameters()[query].value.detach().clone();
    auto gradients = ZeroGradients(model);
    torch::manual_seed(6);
    gradients[query] = torch::randn({8, 8}) * size;
    optimizer.Step(gradients, 1);
    const double moved = (model.parameters()[query].value - before).norm().item<double>();
    EXPECT_NEAR(moved, 0.1 * std::sqrt(8.0), 0.1) << size;
  }
}

TEST(Optimizer, ReportsTheNormBeforeClipping) {
  const Transformer model(kSmall, 1);
  Optimizer optimizer(model, {}, Precision::kFloat32);
  auto gradients = ZeroGradients(model);
  gradients[0][0][0] = 3;
  gradients[1][0] = 4;
  EXPECT_NEAR(optimizer.Step(gradients, 1), 5, 1e-5);
}

}  // namespace
}  // namespace entrobench::policy
