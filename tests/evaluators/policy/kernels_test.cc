#include "evaluators/policy/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "common/random.h"

namespace entrobench::policy {
namespace {

std::vector<float> Normals(size_t count, uint64_t stream) {
  Random random(1, stream);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.Normal());
  return values;
}

// d sum(weights * f(x)) / dx[i] by a central difference.
double Slope(const std::function<std::vector<float>(const std::vector<float>&)>& f,
             std::vector<float> x, size_t i, const std::vector<float>& weights) {
  const auto value = [&](float shift) {
    std::vector<float> shifted = x;
    shifted[i] += shift;
    const std::vector<float> y = f(shifted);
    double sum = 0;
    for (size_t j = 0; j < y.size(); ++j) sum += static_cast<double>(weights[j]) * y[j];
    return sum;
  };
  return (value(1e-2f) - value(-1e-2f)) / 2e-2;
}

TEST(RmsNorm, DividesByTheRootMeanSquare) {
  const std::vector<float> x = {3, 4, 0, 0};  // mean square 25 / 4
  const std::vector<float> weight = {1, 2, 1, 1};
  std::vector<float> y(4), inverse(1);
  RmsNormForward(1, 4, x.data(), weight.data(), 0.0f, y.data(), inverse.data());
  EXPECT_NEAR(y[0], 1.2, 1e-6);
  EXPECT_NEAR(y[1], 3.2, 1e-6);
  EXPECT_EQ(y[2], 0);
}

TEST(RmsNorm, GradientIsTheSlope) {
  const auto x = Normals(2 * 7, 1), weight = Normals(7, 2), dy = Normals(2 * 7, 3);
  const auto f = [](const std::vector<float>& in, const std::vector<float>& scale) {
    std::vector<float> y(in.size()), inverse(2);
    RmsNormForward(2, 7, in.data(), scale.data(), 1e-5f, y.data(), inverse.data());
    return y;
  };
  std::vector<float> y(14), inverse(2), dx(14), dweight(7, 0.0f);
  RmsNormForward(2, 7, x.data(), weight.data(), 1e-5f, y.data(), inverse.data());
  RmsNormBackward(2, 7, dy.data(), x.data(), weight.data(), inverse.data(), dx.data(),
                  dweight.data());
  for (size_t i = 0; i < 14; ++i) {
    EXPECT_NEAR(dx[i], Slope([&](const auto& in) { return f(in, weight); }, x, i, dy), 2e-3) << i;
  }
  for (size_t i = 0; i < 7; ++i) {
    EXPECT_NEAR(dweight[i], Slope([&](const auto& scale) { return f(x, scale); }, weight, i, dy),
                2e-3);
  }
}

TEST(SwiGlu, GradientIsTheSlope) {
  const int64_t inner = 19;  // a full vector and a remainder
  const auto x = Normals(2 * 19, 4), dy = Normals(19, 5);
  const auto f = [&](const std::vector<float>& in) {
    std::vector<float> y(19);
    SwiGluForward(1, inner, in.data(), y.data());
    return y;
  };
  EXPECT_NEAR(f(x)[3], x[3] / (1 + std::exp(-x[3])) * x[19 + 3], 1e-5);
  std::vector<float> dx(38);
  SwiGluBackward(1, inner, x.data(), dy.data(), dx.data());
  for (size_t i = 0; i < 38; ++i) EXPECT_NEAR(dx[i], Slope(f, x, i, dy), 2e-3) << i;
}

TEST(SwiGlu, StaysFiniteFarOut) {
  const std::vector<float> x = {-200, 200, 1, 1};
  std::vector<float> y(2), dx(4);
  SwiGluForward(1, 2, x.data(), y.data());
  EXPECT_NEAR(y[0], 0, 1e-6);
  EXPECT_NEAR(y[1], 200, 1e-3);
  SwiGluBackward(1, 2, x.data(), y.data(), dx.data());
  for (const float value : dx) EXPECT_TRUE(std::isfinite(value));
}

TEST(CausalSoftmax, RowsSumToOneAndSeeNothingLater) {
  std::vector<float> scores = Normals(9 * 9, 6);
  const std::vector<float> raw = scores;
  CausalSoftmaxForward(1, 9, 0.5f, scores.data());
  for (size_t t = 0; t < 9; ++t) {
    double sum = 0;
    double normalizer = 0;
    for (size_t i = 0; i <= t; ++i) normalizer += std::exp(0.5 * raw[t * 9 + i]);
    for (size_t i = 0; i < 9; ++i) {
      sum += scores[t * 9 + i];
      const double expected = i <= t ? std::exp(0.5 * raw[t * 9 + i]) / normalizer : 0;
      EXPECT_NEAR(scores[t * 9 + i], expected, 1e-5);
    }
    EXPECT_NEAR(sum, 1, 1e-5);
  }
}

TEST(CausalSoftmax, GradientIsTheSlope) {
  const auto x = Normals(6 * 6, 7), dy = Normals(6 * 6, 8);
  const auto f = [](const std::vector<float>& in) {
    std::vector<float> y = in;
    CausalSoftmaxForward(1, 6, 0.5f, y.data());
    return y;
  };
  std::vector<float> gradient = dy;
  CausalSoftmaxBackward(1, 6, 0.5f, f(x).data(), gradient.data());
  for (size_t i = 0; i < 36; ++i) EXPECT_NEAR(gradient[i], Slope(f, x, i, dy), 2e-3) << i;
}

TEST(SplitHeads, BackwardIsTheTransposeOfForward) {
  // Both are linear, so <forward(x), y> = <x, backward(y)> for any x and y proves it.
  const HeadShape shape{2, 3, 2, 4};
  const size_t count = 2 * 3 * 2 * 4;
  const auto x = Normals(3 * count, 9), y = Normals(3 * count, 10);
  std::vector<float> cosines, sines;
  for (int i = 0; i < 3 * 2; ++i) {
    cosines.push_back(std::cos(0.3f * static_cast<float>(i)));
    sines.push_back(std::sin(0.3f * static_cast<float>(i)));
  }
  std::vector<float> q(count), k(count), v(count), back(3 * count);
  SplitHeadsForward(shape, x.data(), cosines.data(), sines.data(), q.data(), k.data(), v.data());
  SplitHeadsBackward(shape, y.data(), y.data() + count, y.data() + 2 * count, cosines.data(),
                     sines.data(), back.data());
  double forward_product = 0, backward_product = 0;
  for (size_t i = 0; i < count; ++i) {
    forward_product += q[i] * y[i] + k[i] * y[count + i] + v[i] * y[2 * count + i];
  }
  for (size_t i = 0; i < 3 * count; ++i) backward_product += x[i] * back[i];
  EXPECT_NEAR(forward_product, backward_product, 1e-3);
  // Position 0 is not turned; head 1 of row 0 starts at x[4].
  EXPECT_FLOAT_EQ(q[(0 * 2 + 1) * 3 * 4], x[4]);
}

TEST(MergeHeads, UnmergeUndoesIt) {
  const HeadShape shape{2, 3, 2, 4};
  const auto x = Normals(48, 11);
  std::vector<float> merged(48), back(48);
  MergeHeads(shape, x.data(), merged.data());
  UnmergeHeads(shape, merged.data(), back.data());
  EXPECT_EQ(back, x);
  EXPECT_NE(merged, x);
}

TEST(WeightedCrossEntropy, MatchesItsDefinitionAndSlope) {
  const std::vector<float> logits = Normals(2 * 21, 12);
  const std::vector<int64_t> targets = {20, 3};
  const std::vector<float> weights = {1.0f, 0.25f};
  const auto loss = [&](const std::vector<float>& in) {
    double sum = 0;
    for (size_t row = 0; row < 2; ++row) {
      double normalizer = 0;
      for (size_t i = 0; i < 21; ++i) normalizer += std::exp(static_cast<double>(in[row * 21 + i]));
      const double target = in[row * 21 + static_cast<size_t>(targets[row])];
      sum += weights[row] * (std::log(normalizer) - target);
    }
    return sum;
  };
  std::vector<float> gradient = logits;
  EXPECT_NEAR(WeightedCrossEntropy(2, 21, gradient.data(), targets.data(), weights.data()),
              loss(logits), 1e-5);
  for (size_t i = 0; i < logits.size(); ++i) {
    std::vector<float> up = logits, down = logits;
    up[i] += 1e-3f;
    down[i] -= 1e-3f;
    EXPECT_NEAR(gradient[i], (loss(up) - loss(down)) / 2e-3, 1e-3) << i;
  }
}

TEST(Bfloat16, ResultsStayWithinItsPrecision) {
  const auto x = Normals(64, 13), weight = std::vector<float>(64, 1.0f);
  std::vector<float> exact(64), inverse(1);
  std::vector<Bfloat16> rounded(64);
  RmsNormForward(1, 64, x.data(), weight.data(), 1e-5f, exact.data(), inverse.data());
  RmsNormForward(1, 64, x.data(), weight.data(), 1e-5f, rounded.data(), inverse.data());
  std::vector<float> widened(64);
  const std::vector<float> zeros(64, 0.0f);
  AddBranch(64, zeros.data(), rounded.data(), widened.data());
  for (size_t i = 0; i < 64; ++i) EXPECT_NEAR(widened[i], exact[i], std::abs(exact[i]) / 256);
}

}  // namespace
}  // namespace entrobench::policy
