#include "evaluators/adaptation/networks/network_trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "common/file.h"
#include "evaluators/adaptation/data/fashion_mnist.h"
#include "evaluators/adaptation/networks/recipe.h"
#include "evaluators/adaptation/torch_network.h"

namespace entrobench {
namespace {

TEST(LearningRate, RisesThenFallsToNothing) {
  const TrainingPlan plan = {.steps = 1000, .peak_rate = 0.1};
  EXPECT_NEAR(LearningRate(plan, 74), 0.05, 1e-9);   // half of the way up
  EXPECT_NEAR(LearningRate(plan, 149), 0.1, 1e-9);   // the top
  EXPECT_NEAR(LearningRate(plan, 574), 0.05, 1e-9);  // half of the way down
  EXPECT_NEAR(LearningRate(plan, 999), 0, 1e-9);
}

class Training : public testing::TestWithParam<Architecture> {
 protected:
  void SetUp() override {
    auto images = ReadFashionMnist(FashionMnistSplit::kTest, FashionMnistFolder());
    ASSERT_TRUE(images.ok()) << images.status();
    for (int i = 0; i < 32; ++i) {
      pictures_.Add(images->At(i).values);
      labels_.push_back(images->labels[static_cast<size_t>(i)]);
    }
  }

  OwnedImages pictures_{ImageShape{1, 28, 28}};
  std::vector<int> labels_;
};

TEST_P(Training, LearnsThirtyTwoPictures) {
  NetworkTrainer trainer(GetParam(), {.steps = 40, .peak_rate = 0.005});
  const auto first = trainer.Step(pictures_.view(), labels_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_GT(*first, 1);
  double last = 0;
  for (int step = 1; step < 40; ++step) last = *trainer.Step(pictures_.view(), labels_);
  EXPECT_LT(last, 0.3 * *first);
}

TEST_P(Training, OfTheSameSeedMakesTheSameNetwork) {
  std::vector<double> logits[2];
  for (std::vector<double>& values : logits) {
    NetworkTrainer trainer(GetParam(), {.seed = 5, .steps = 3});
    for (int step = 0; step < 3; ++step) {
      ASSERT_TRUE(trainer.Step(pictures_.view(), labels_).ok());
    }
    const std::string path = testing::TempDir() + "/trained.pt";
    ASSERT_TRUE(trainer.Save(path).ok());
    const auto network = LoadTorchNetwork(path, kNetworkClasses, {1, 28, 28});
    ASSERT_TRUE(network.ok()) << network.status();
    const auto predictions = (*network)->Forward(pictures_.view());
    for (int k = 0; k < kNetworkClasses; ++k) values.push_back(predictions->z(3, k));
  }
  EXPECT_EQ(logits[0], logits[1]);
}

std::string NameOf(const testing::TestParamInfo<Architecture>& info) {
  switch (info.param) {
    case Architecture::kResidualBatchNorm:
      return "batch_norm";
    case Architecture::kResidualGroupNorm:
      return "group_norm";
    case Architecture::kResidualScaled:
      return "scaled";
    case Architecture::kVisionTransformer:
      break;
  }
  return "transformer";
}

INSTANTIATE_TEST_SUITE_P(Architectures, Training,
                         testing::Values(Architecture::kResidualBatchNorm,
                                         Architecture::kResidualGroupNorm,
                                         Architecture::kResidualScaled,
                                         Architecture::kVisionTransformer),
                         NameOf);

TEST(NetworkTrainer, StopsAtALossThatIsNoNumber) {
  NetworkTrainer trainer(Architecture::kResidualGroupNorm, {.steps = 10});
  OwnedImages images(ImageShape{1, 28, 28});
  images.Add(std::vector<float>(28 * 28, std::numeric_limits<float>::quiet_NaN()));
  EXPECT_EQ(trainer.Step(images.view(), {3}).status().code(), absl::StatusCode::kInternal);
}

TEST(NetworkTrainer, SaysWhatTorchDoesNotLike) {
  NetworkTrainer trainer(Architecture::kResidualBatchNorm, {.steps = 10});
  OwnedImages images(ImageShape{3, 28, 28});
  images.Add(std::vector<float>(3 * 28 * 28));
  EXPECT_EQ(trainer.Step(images.view(), {3}).status().code(), absl::StatusCode::kInternal);
}

TEST(NetworkRecipes, AreFoundByName) {
  EXPECT_EQ(NetworkRecipeNames().size(), 5U);
  EXPECT_EQ(FindNetworkRecipe("fashion-gn")->architecture, Architecture::kResidualGroupNorm);
  EXPECT_EQ(FindNetworkRecipe("fashion").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace entrobench
