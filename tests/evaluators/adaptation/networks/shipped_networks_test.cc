// What models/*.pt must be: small, accurate, and open to every method.
#include "tests/evaluators/adaptation/networks/shipped_networks.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "evaluators/adaptation/networks/accuracy.h"
#include "evaluators/adaptation/networks/recipe.h"

namespace entrobench {
namespace {

using testing::Each;

struct Shipped {
  const char* name;
  Normalization normalization;
  double least_accuracy;  // on the clean test set
};

void PrintTo(const Shipped& shipped, std::ostream* out) { *out << shipped.name; }

std::string NameOf(const testing::TestParamInfo<Shipped>& info) {
  return absl::StrReplaceAll(info.param.name, {{"-", "_"}});
}

class ShippedNetworks : public testing::TestWithParam<Shipped> {
 protected:
  void SetUp() override {
    ASSERT_NE(FashionTest(), nullptr);
    network_ = ShippedNetwork(GetParam().name);
    ASSERT_NE(network_, nullptr);
  }

  OwnedImages FirstPictures(int count) const {
    OwnedImages images(FashionTest()->shape());
    for (int i = 0; i < count; ++i) images.Add(FashionTest()->Load({.image = i})->values);
    return images;
  }

  // Gradient of the mean entropy of some pictures with respect to what is tuned.
  std::vector<double> EntropyGradient(const OwnedImages& images) {
    const auto p = network_->ForwardForGradient(images.view());
    EXPECT_TRUE(p.ok()) << p.status();
    std::vector<double> gradient;
    for (int i = 0; i < p->rows(); ++i) {
      for (int k = 0; k < p->classes(); ++k) {
        gradient.push_back(-p->p(i, k) * (p->log_p(i, k) + p->entropy(i)) / p->rows());
      }
    }
    const auto by_theta = network_->Backward(gradient);
    EXPECT_TRUE(by_theta.ok()) << by_theta.status();
    return *by_theta;
  }

  std::unique_ptr<Network> network_;
};

TEST_P(ShippedNetworks, AreSmallFilesThatARecipeMakes) {
  EXPECT_TRUE(FindNetworkRecipe(GetParam().name).ok());
  EXPECT_LT(std::filesystem::file_size(ShippedPath(GetParam().name)), 500'000);
}

TEST_P(ShippedNetworks, KnowClothes) {
  const auto accuracy = Accuracy(network_.get(), *FashionTest(), 10'000, 0, 0);
  ASSERT_TRUE(accuracy.ok()) << accuracy.status();
  EXPECT_GE(*accuracy, GetParam().least_accuracy);
}

TEST_P(ShippedNetworks, HaveNormalisationLayersBelowAndInTheTop) {
  EXPECT_EQ(network_->normalization(), GetParam().normalization);
  ASSERT_TRUE(network_->Tune(ParameterSet::kNormalization).ok());
  const size_t all = network_->theta().size();
  EXPECT_THAT(EntropyGradient(FirstPictures(16)), testing::Contains(testing::Ne(0.0)));
  ASSERT_TRUE(network_->Tune(ParameterSet::kNormalizationBelowTop).ok());
  EXPECT_GT(network_->theta().size(), all / 4);
  EXPECT_LT(network_->theta().size(), all);
}

TEST_P(ShippedNetworks, ShowTheInputsOfTheirLastLayer) {
  const OwnedImages images = FirstPictures(8);
  const auto features = network_->Features(images.view());
  const auto weights = network_->HeadWeights();
  const auto predictions = network_->Forward(images.view());
  ASSERT_TRUE(features.ok() && weights.ok() && predictions.ok());
  ASSERT_EQ(weights->rows, kNetworkClasses);
  ASSERT_EQ(weights->columns, features->columns);
  for (int k = 0; k < kNetworkClasses; ++k) {
    // What the weights leave of a logit is the class's bias, the same for all pictures.
    const auto rest = [&](int i) {
      double sum = predictions->z(i, k);
      for (int d = 0; d < weights->columns; ++d) sum -= weights->at(k, d) * features->at(i, d);
      return sum;
    };
    for (int i = 1; i < 8; ++i) EXPECT_NEAR(rest(i), rest(0), 1e-4) << k << " " << i;
  }
}

TEST_P(ShippedNetworks, GiveAPictureTheSameLogitsInAnyBatch) {
  const OwnedImages images = FirstPictures(5);
  const auto together = network_->Forward(images.view());
  ASSERT_TRUE(together.ok());
  for (int i = 0; i < 5; ++i) {
    const auto alone = network_->Forward(ImageBatch(images.view().shape, images.view().image(i)));
    ASSERT_TRUE(alone.ok());
    for (int k = 0; k < kNetworkClasses; ++k) {
      EXPECT_NEAR(alone->z(0, k), together->z(i, k), 1e-4);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ShippedNetworks,
                         testing::Values(Shipped{"fashion-bn", Normalization::kBatch, 0.90},
                                         Shipped{"fashion-gn", Normalization::kGroup, 0.90},
                                         Shipped{"fashion-vit", Normalization::kLayer, 0.87},
                                         Shipped{"fashion-scale", Normalization::kBatch, 0.90}),
                         NameOf);

TEST(FashionScale, MovesItsReceptiveFieldsByTheGradientOfItsEntropy) {
  const auto network = ShippedNetwork("fashion-scale");
  ASSERT_NE(network, nullptr);
  ASSERT_NE(FashionTest(), nullptr);
  ASSERT_TRUE(network->Tune(ParameterSet::kScale).ok());
  const std::vector<double> start = network->theta();
  OwnedImages images(FashionTest()->shape());
  for (int i = 0; i < 16; ++i) {
    images.Add(FashionTest()->Load({.image = i, .corruption = 0, .severity = 3})->values);
  }
  const auto p = network->ForwardForGradient(images.view());
  ASSERT_TRUE(p.ok());
  std::vector<double> by_logits;
  for (int i = 0; i < p->rows(); ++i) {
    for (int k = 0; k < p->classes(); ++k) {
      by_logits.push_back(-p->p(i, k) * (p->log_p(i, k) + p->entropy(i)) / p->rows());
    }
  }
  const auto gradient = network->Backward(by_logits);
  ASSERT_TRUE(gradient.ok());
  ASSERT_EQ(gradient->size(), start.size());
  EXPECT_THAT(*gradient, Each(testing::Not(testing::IsNan())));

  // Along the gradient the entropy must rise as its length says, by differences of the forward
  // pass alone.
  double squares = 0;
  for (const double g : *gradient) squares += g * g;
  const double length = std::sqrt(squares);
  ASSERT_GT(length, 1e-3);
  const auto entropy_at = [&](double step) {
    std::vector<double> theta = start;
    for (size_t j = 0; j < theta.size(); ++j) theta[j] += step * (*gradient)[j] / length;
    network->set_theta(theta);
    return network->Forward(images.view())->mean_entropy();
  };
  constexpr double kStep = 0.01;
  EXPECT_NEAR((entropy_at(kStep) - entropy_at(-kStep)) / (2 * kStep), length, 0.02 * length);
}

TEST(FashionScale, HasLearntItsReceptiveFields) {
  const auto network = ShippedNetwork("fashion-scale");
  ASSERT_NE(network, nullptr);
  ASSERT_TRUE(network->Tune(ParameterSet::kScale).ok());
  const std::vector<double> scales = network->theta();
  EXPECT_EQ(scales.size(), 16U + 16 + 32 + 32);  // one a filter
  const auto [least, most] = std::minmax_element(scales.begin(), scales.end());
  EXPECT_GT(*most - *least, 0.1);  // all begin at ln 0.6
  for (const char* other : {"fashion-bn", "fashion-gn", "fashion-vit"}) {
    EXPECT_EQ(ShippedNetwork(other)->Tune(ParameterSet::kScale).code(),
              absl::StatusCode::kFailedPrecondition);
  }
}

TEST(FashionBiased, TrustsTheBackground) {
  const auto network = ShippedNetwork("fashion-biased");
  ASSERT_NE(network, nullptr);
  ASSERT_NE(FashionTest(), nullptr);
  EXPECT_EQ(network->normalization(), Normalization::kBatch);
  EXPECT_LT(std::filesystem::file_size(ShippedPath("fashion-biased")), 500'000);
  const auto by_class = AccuraciesByBackground(network.get(), *FashionTest(), 10'000);
  ASSERT_TRUE(by_class.ok()) << by_class.status();
  double aligned = 0;
  double opposed = 0;
  for (int k = 0; k < kNetworkClasses; ++k) {
    aligned += by_class->aligned[k] / kNetworkClasses;
    opposed += by_class->opposed[k] / kNetworkClasses;
  }
  EXPECT_GE(aligned, 0.9);
  EXPECT_LE(opposed, aligned - 0.1);
  const double worst = *std::min_element(by_class->opposed.begin(), by_class->opposed.end());
  EXPECT_GE(worst, 0.2);
  EXPECT_LE(worst, 0.7);
  EXPECT_LE(worst, *std::min_element(by_class->aligned.begin(), by_class->aligned.end()) - 0.1);
}

}  // namespace
}  // namespace entrobench
