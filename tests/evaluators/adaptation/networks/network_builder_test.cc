#include "evaluators/adaptation/networks/network_builder.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <array>
#include <cmath>
#include <string>

namespace entrobench {
namespace {

using torch::jit::Module;

constexpr Architecture kAll[] = {Architecture::kResidualBatchNorm, Architecture::kResidualGroupNorm,
                                 Architecture::kResidualScaled, Architecture::kVisionTransformer};

TEST(NetworkBuilder, WeightsDependOnTheSeedAlone) {
  for (const Architecture architecture : kAll) {
    const Module one = BuildNetwork(architecture, 1), same = BuildNetwork(architecture, 1);
    const Module other = BuildNetwork(architecture, 2);
    for (const auto& parameter : one.named_parameters()) {
      const auto find = [&](const Module& module) {
        for (const auto& named : module.named_parameters()) {
          if (named.name == parameter.name) return named.value;
        }
        return at::Tensor();
      };
      EXPECT_TRUE(parameter.value.equal(find(same))) << parameter.name;
      if (parameter.value.dim() < 2) continue;  // scales, shifts and biases begin alike
      EXPECT_FALSE(parameter.value.equal(find(other))) << parameter.name;
    }
  }
}

TEST(NetworkBuilder, FirstWeightsKeepTheSizeOfTheSignal) {
  const at::Tensor pictures = at::zeros({64, 1, 28, 28}).uniform_(0, 1);
  for (const Architecture architecture : kAll) {
    const Module network = BuildNetwork(architecture, 1);
    const at::Tensor logits = network.get_method("forward")({pictures}).toTensor();
    ASSERT_EQ(logits.sizes(), at::IntArrayRef({64, kNetworkClasses}));
    const double deviation = logits.std().item<double>();
    EXPECT_GT(deviation, 0.1);
    EXPECT_LT(deviation, 10);
  }
}

// The response to one bright pixel shows the filter, point by point: at an offset of (dy, dx) it is
// sum_(a, b) w[a][b] g(-dy, a) g(-dx, b) with taps a, b in {-1, 0, 1} and g(place, tap) a Gaussian
// about sigma tap.
TEST(NetworkBuilder, ScaledFiltersAreTapsOnGaussiansTheirScaleApart) {
  Module network = BuildNetwork(Architecture::kResidualScaled, 3);
  Module filters = network.attr("layer1").toModule().attr("conv1").toModule();
  const at::Tensor weight = filters.attr("weight").toTensor();
  at::Tensor log_scale = filters.attr("log_scale").toTensor();
  constexpr double kSigma = 0.8;
  constexpr int kFilter = 5, kChannel = 2;
  log_scale[kFilter] = std::log(kSigma);

  at::Tensor pixel = at::zeros({1, weight.size(1), 9, 9});
  pixel[0][kChannel][4][4] = 1;
  const at::Tensor response = filters.get_method("forward")({pixel}).toTensor();

  const auto gauss = [&](int place, int tap) {
    const auto bump = [&](int at) {
      const double distance = (at - kSigma * tap) / kSigma;
      return std::exp(-distance * distance / 2);
    };
    double sum = 0;
    for (int at = -2; at <= 2; ++at) sum += bump(at);
    return bump(place) / sum;
  };
  for (int dy = -4; dy <= 4; ++dy) {
    for (int dx = -4; dx <= 4; ++dx) {
      double expected = 0;
      if (std::abs(dy) <= 2 && std::abs(dx) <= 2) {
        for (int a = -1; a <= 1; ++a) {
          for (int b = -1; b <= 1; ++b) {
            expected += weight[kFilter][kChannel][a + 1][b + 1].item<double>() * gauss(-dy, a) *
                        gauss(-dx, b);
          }
        }
      }
      EXPECT_NEAR(response[0][kFilter][4 + dy][4 + dx].item<double>(), expected, 1e-6)
          << dy << " " << dx;
    }
  }
}

}  // namespace
}  // namespace entrobench
