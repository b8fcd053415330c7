// Networks small enough to be worked by hand, for tests of adaptation methods. Gradients are
// central differences of the network's own outputs: independent of what a method derives.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "evaluators/adaptation/method.h"
#include "evaluators/adaptation/network.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench {

// Gradient of `f` at `theta` by central differences; good to about 1e-9.
inline std::vector<double> NumericGradient(
    const std::function<double(const std::vector<double>&)>& f, std::vector<double> theta) {
  constexpr double kStep = 1e-5;
  std::vector<double> gradient;
  for (size_t j = 0; j < theta.size(); ++j) {
    const double value = theta[j];
    theta[j] = value + kStep;
    const double above = f(theta);
    theta[j] = value - kStep;
    const double below = f(theta);
    theta[j] = value;
    gradient.push_back((above - below) / (2 * kStep));
  }
  return gradient;
}

// A network of a few numbers: a subclass says what its outputs are.
class TestNetwork : public Network {
 public:
  TestNetwork(int classes, std::vector<double> theta)
      : classes_(classes), start_(theta), theta_(std::move(theta)) {}

  // Logits of the batch at `theta`, row by row.
  virtual std::vector<double> Logits(const ImageBatch& images,
                                     const std::vector<double>& theta) const = 0;

  int classes() const override { return classes_; }
  Normalization normalization() const override { return Normalization::kBatch; }
  absl::Status Tune(ParameterSet set) override {
    tuned_ = set;
    return absl::OkStatus();
  }
  std::vector<double> theta() const override { return theta_; }
  void set_theta(const std::vector<double>& theta) override { theta_ = theta; }
  absl::Status Use(const BatchStatistics& statistics) override {
    statistics_ = statistics;
    return absl::OkStatus();
  }
  void Restore() override { theta_ = start_; }
  absl::StatusOr<Matrix> HeadWeights() const override {
    return absl::FailedPreconditionError("this network does not show its last layer");
  }

  ParameterSet tuned() const { return tuned_; }
  const BatchStatistics& statistics() const { return statistics_; }

 private:
  absl::StatusOr<std::vector<double>> DoForward(const ImageBatch& images,
                                                bool for_gradient) override {
    if (for_gradient) {
      shape_ = images.shape;
      pixels_.assign(images.pixels.begin(), images.pixels.end());
      at_ = theta_;
    }
    return Logits(images, theta_);
  }
  absl::StatusOr<std::vector<double>> DoBackward(const std::vector<double>& gradient) override {
    const ImageBatch images(shape_, pixels_);
    return NumericGradient(
        [&](const std::vector<double>& theta) {
          const std::vector<double> logits = Logits(images, theta);
          double sum = 0;
          for (size_t i = 0; i < logits.size(); ++i) sum += gradient[i] * logits[i];
          return sum;
        },
        at_);
  }
  absl::StatusOr<Matrix> DoFeatures(const ImageBatch&) override {
    return absl::FailedPreconditionError("this network does not show its features");
  }

  int classes_;
  std::vector<double> start_;
  std::vector<double> theta_;
  ParameterSet tuned_ = ParameterSet::kHead;
  BatchStatistics statistics_ = BatchStatistics::Source();
  ImageShape shape_;
  std::vector<float> pixels_;  // of the last ForwardForGradient
  std::vector<double> at_;     // where it was
};

// The toy network of the formulas: f = gamma x + beta, z = W f, three classes; theta is
// (gamma_1, gamma_2, beta_1, beta_2).
class ToyNetwork final : public TestNetwork {
 public:
  explicit ToyNetwork(std::vector<double> theta = {1, 1, 0, 0})
      : TestNetwork(3, std::move(theta)) {}

  std::vector<double> Logits(const ImageBatch& images,
                             const std::vector<double>& theta) const override {
    std::vector<double> logits;
    for (int i = 0; i < images.size(); ++i) {
      const std::array<double, 2> f = Feature(images.image(i), theta);
      for (const auto& w : kHead) logits.push_back(w[0] * f[0] + w[1] * f[1]);
    }
    return logits;
  }

  absl::StatusOr<Matrix> HeadWeights() const override { return Matrix{3, 2, {2, 0, 0, 2, -1, -1}}; }

 private:
  static constexpr std::array<std::array<double, 2>, 3> kHead = {{{2, 0}, {0, 2}, {-1, -1}}};

  static std::array<double, 2> Feature(absl::Span<const float> x,
                                       const std::vector<double>& theta) {
    return {theta[0] * Decimal(x[0]) + theta[2], theta[1] * Decimal(x[1]) + theta[3]};
  }
  // The decimal number that a pixel stands for: 0.3f is not 0.3, and checks go to six decimals.
  static double Decimal(float pixel) { return std::round(static_cast<double>(pixel) * 1e4) / 1e4; }

  absl::StatusOr<Matrix> DoFeatures(const ImageBatch& images) override {
    Matrix features{images.size(), 2, {}};
    for (int i = 0; i < images.size(); ++i) {
      for (const double value : Feature(images.image(i), theta())) features.values.push_back(value);
    }
    return features;
  }
  std::unique_ptr<Network> DoClone() const override {
    return std::make_unique<ToyNetwork>(theta());
  }
};

// Two layers: batch normalisation by the batch's statistics, 3 x 4 weights, tanh, scale and shift,
// 4 x 3 weights. theta: scale and shift of the first (3 + 3), then of the second (4 + 4).
class TwoLayerNetwork final : public TestNetwork {
 public:
  TwoLayerNetwork()
      : TestNetwork(3, {1.1, 0.9, 1.2, 0.1, -0.2, 0.05, 1.0, 1.3, 0.8, 1.1, 0.0, 0.1, -0.1, 0.2}) {}

  std::vector<double> Logits(const ImageBatch& images,
                             const std::vector<double>& theta) const override {
    std::array<double, 3> mean = {};
    std::array<double, 3> variance = {};
    for (int i = 0; i < images.size(); ++i) {
      for (size_t d = 0; d < 3; ++d) mean[d] += images.image(i)[d] / double(images.size());
    }
    for (int i = 0; i < images.size(); ++i) {
      for (size_t d = 0; d < 3; ++d) {
        variance[d] += std::pow(images.image(i)[d] - mean[d], 2) / images.size();
      }
    }
    std::vector<double> logits;
    for (int i = 0; i < images.size(); ++i) {
      std::array<double, 3> x;
      for (size_t d = 0; d < 3; ++d) {
        x[d] = theta[d] * (images.image(i)[d] - mean[d]) / std::sqrt(variance[d] + 1e-5) +
               theta[3 + d];
      }
      std::array<double, 4> hidden;
      for (size_t u = 0; u < 4; ++u) {
        double sum = 0;
        for (size_t d = 0; d < 3; ++d) sum += std::sin(1.7 * double(u) + 2.3 * double(d)) * x[d];
        hidden[u] = theta[6 + u] * std::tanh(sum) + theta[10 + u];
      }
      for (size_t k = 0; k < 3; ++k) {
        double sum = 0;
        for (size_t u = 0; u < 4; ++u) sum += 2 * std::cos(double(k) + 1.3 * double(u)) * hidden[u];
        logits.push_back(sum);
      }
    }
    return logits;
  }

 private:
  std::unique_ptr<Network> DoClone() const override {
    auto clone = std::make_unique<TwoLayerNetwork>();
    clone->set_theta(theta());
    return clone;
  }
};

// Pictures of one row of pixels.
inline OwnedImages Rows(const std::vector<std::vector<float>>& rows) {
  OwnedImages images(ImageShape{1, 1, static_cast<int>(rows.front().size())});
  for (const std::vector<float>& row : rows) images.Add(row);
  return images;
}

// The batch of the formulas' worked checks.
inline OwnedImages ToyBatch() {
  return Rows({{1.5F, -0.5F}, {0.3F, 0.1F}, {-0.2F, 1.2F}, {-1.0F, -0.8F}});
}

// A batch for TwoLayerNetwork.
inline OwnedImages TwoLayerBatch() {
  return Rows({{0.9F, 0.1F, 0.4F},
               {0.2F, 0.8F, 0.3F},
               {0.5F, 0.5F, 0.9F},
               {0.1F, 0.3F, 0.1F},
               {0.7F, 0.9F, 0.6F}});
}

// Softmax and entropy written out once more, independent of Predictions.
inline std::vector<std::vector<double>> Softmax(const std::vector<double>& logits, size_t classes) {
  std::vector<std::vector<double>> rows;
  for (size_t begin = 0; begin < logits.size(); begin += classes) {
    std::vector<double> row;
    double sum = 0;
    for (size_t k = 0; k < classes; ++k) sum += std::exp(logits[begin + k]);
    for (size_t k = 0; k < classes; ++k) row.push_back(std::exp(logits[begin + k]) / sum);
    rows.push_back(row);
  }
  return rows;
}

inline double EntropyOf(const std::vector<double>& p) {
  double entropy = 0;
  for (const double value : p) entropy -= value * std::log(value);
  return entropy;
}

// A method with `values` given and all other parameters by default.
template <typename M>
M MakeMethod(const std::map<std::string, v1::Value>& values) {
  ParamMap given;
  for (const auto& [name, value] : values) given[name] = value;
  const auto params = CheckedParams("the method", "parameter", M::Entry().info.parameters(), given);
  EXPECT_TRUE(params.ok()) << params.status();
  return M(Params(*params));
}

// Equal to six decimals, as the worked checks are printed.
inline testing::Matcher<std::vector<double>> NearEach(const std::vector<double>& expected,
                                                      double tolerance = 6e-7) {
  std::vector<testing::Matcher<double>> matchers;
  for (const double value : expected) matchers.push_back(testing::DoubleNear(value, tolerance));
  return testing::ElementsAreArray(matchers);
}

// Holds that `after` is one plain step of `rate` down the gradient of `loss` from `before`.
inline void ExpectStep(const std::vector<double>& before, const std::vector<double>& after,
                       double rate, const std::function<double(const std::vector<double>&)>& loss) {
  std::vector<double> expected = NumericGradient(loss, before);
  double moved = 0;
  for (size_t j = 0; j < expected.size(); ++j) {
    moved = std::max(moved, std::fabs(expected[j]));
    expected[j] = before[j] - rate * expected[j];
  }
  EXPECT_GT(moved, 1e-3) << "the example does not test the gradient";
  EXPECT_THAT(after, NearEach(expected, 1e-7));
}

}  // namespace entrobench
