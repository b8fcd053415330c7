#include "evaluators/policy/transformer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace entrobench::policy {
namespace {

using torch::Tensor;

constexpr TransformerConfig kSmall{.vocab_size = 37,
                                   .context_length = 32,
                                   .width = 24,
                                   .layers = 2,
                                   .heads = 3,
                                   .feed_forward = 40};

Tensor Ids(std::vector<int64_t> sizes, int64_t vocab_size) {
  torch::manual_seed(3);
  return torch::randint(vocab_size, sizes, torch::kInt64);
}

TEST(Transformer, LaterTokensDoNotChangeEarlierLogits) {
  const Transformer model(kSmall, 1);
  const torch::NoGradGuard no_gradient;
  const Tensor ids = Ids({2, 12}, 37);
  const Tensor changed = ids.clone();
  changed.slice(1, 8) = (changed.slice(1, 8) + 5) % 37;
  const Tensor before = model.Logits(ids), after = model.Logits(changed);
  EXPECT_TRUE(torch::allclose(before.slice(1, 0, 8), after.slice(1, 0, 8), 1e-5, 1e-5));
  EXPECT_FALSE(torch::allclose(before.slice(1, 8), after.slice(1, 8), 1e-3, 1e-3));
}

TEST(Transformer, WeightedLossIsTheLogProbabilityOfTheTargets) {
  const Transformer model(kSmall, 1);
  const Tensor ids = Ids({3, 10}, 37);
  const Tensor targets = Ids({3, 10}, 37).flip(1).contiguous();
  torch::manual_seed(4);
  const Tensor weights = torch::rand({3, 10});
  const Tensor chosen =
      torch::log_softmax(model.Logits(ids), -1).gather(2, targets.unsqueeze(2)).squeeze(2);
  const Tensor expected = -(weights * chosen).sum();
  const Tensor loss = model.WeightedLoss(ids, targets, weights);
  EXPECT_NEAR(loss.item<double>(), expected.item<double>(), 1e-3);

  // Both ways to the same gradient, for every parameter.
  std::vector<Tensor> values;
  for (const auto& parameter : model.parameters()) values.push_back(parameter.value);
  const auto direct = torch::autograd::grad({expected}, values);
  const auto fused = torch::autograd::grad({loss}, values);
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_TRUE(torch::allclose(direct[i], fused[i], 1e-3, 1e-4)) << model.parameters()[i].name;
  }
}

TEST(Transformer, GradientIsTheSlopeOfTheLoss) {
  const Transformer model(kSmall, 1);
  const Tensor ids = Ids({2, 9}, 37), targets = Ids({2, 9}, 37).roll(1, 1).contiguous();
  const Tensor weights = torch::full({2, 9}, 1.0 / 18);
  std::vector<Tensor> values;
  for (const auto& parameter : model.parameters()) values.push_back(parameter.value);
  const auto gradients = torch::autograd::grad({model.WeightedLoss(ids, targets, weights)}, values);
  const torch::NoGradGuard no_gradient;
  for (size_t i = 0; i < values.size(); ++i) {
    // Along the gradient the loss must rise by its squared norm a unit.
    const Tensor value = values[i].detach();
    const double norm = gradients[i].norm().item<double>();
    ASSERT_GT(norm, 0) << model.parameters()[i].name;
    const Tensor shift = gradients[i] * (5e-3 / norm);
    value.add_(shift);
    const double up = model.WeightedLoss(ids, targets, weights).item<double>();
    value.sub_(shift * 2);
    const double down = model.WeightedLoss(ids, targets, weights).item<double>();
    value.add_(shift);
    EXPECT_NEAR((up - down) / 1e-2, norm, 0.03 * norm + 2e-4) << model.parameters()[i].name;
  }
}

TEST(Transformer, Bfloat16StaysCloseToFloat) {
  const Transformer exact(kSmall, 1), rounded(kSmall, 1, Precision::kBfloat16);
  const torch::NoGradGuard no_gradient;
  const Tensor ids = Ids({2, 16}, 37);
  const double difference = (exact.Logits(ids) - rounded.Logits(ids)).abs().max().item<double>();
  EXPECT_LT(difference, 0.05 * exact.Logits(ids).abs().max().item<double>());
}

TEST(Transformer, ImportsWhatItExported) {
  const Transformer from(kSmall, 1);
  Transformer to(kSmall, 2);
  const torch::NoGradGuard no_gradient;
  const Tensor ids = Ids({1, 8}, 37);
  ASSERT_FALSE(torch::equal(from.Logits(ids), to.Logits(ids)));
  ASSERT_TRUE(to.ImportWeights(from.ExportWeights()).ok());
  EXPECT_TRUE(torch::equal(from.Logits(ids), to.Logits(ids)));
  std::vector<NamedWeights> incomplete = from.ExportWeights();
  incomplete.pop_back();
  EXPECT_FALSE(to.ImportWeights(incomplete).ok());
}

TEST(Transformer, CountsItsParameters) {
  // 37 * 24 + 2 * (2 * 24 + 4 * 24^2 + 3 * 24 * 40) + 24
  EXPECT_EQ(Transformer(kSmall, 1).ParameterCount(), 11376);
}

}  // namespace
}  // namespace entrobench::policy
