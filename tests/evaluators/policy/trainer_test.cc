#include "evaluators/policy/trainer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "evaluators/policy/model_file.h"
#include "evaluators/policy/recipe.h"

namespace entrobench::policy {
namespace {

constexpr TransformerConfig kSmall{.vocab_size = 320,
                                   .context_length = 256,
                                   .width = 32,
                                   .layers = 2,
                                   .heads = 2,
                                   .feed_forward = 48};

class TrainerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<std::string> texts;
    for (uint64_t i = 0; i < 200; ++i) texts.push_back(ExampleText(Problem(i)));
    ModelFile file;
    file.vocabulary = TrainBpe(texts, kSmall.vocab_size);
    file.config = kSmall;
    const std::string path =
        testing::TempDir() + std::to_string(getpid()) + "trainer_vocabulary.gguf";
    ASSERT_TRUE(WriteModelFile(file, path).ok());
    tokenizer_ = std::move(Tokenizer::Load(path)).value();
    text_ = std::make_unique<TrainingText>(
        *tokenizer_, Problem, TrainingText::Options{.pool_examples = 48, .shard_tokens = 1024});
  }

  static GeneratedProblem Problem(uint64_t i) { return ArithProblemWithSteps(Split::kTrain, i, 1); }

  std::unique_ptr<Trainer> Make(const TrainingOptions& options) {
    auto trainer = Trainer::Create(kSmall, *text_, options);
    EXPECT_TRUE(trainer.ok()) << trainer.status();
    return std::move(trainer).value();
  }

  static std::vector<double> Losses(Trainer& trainer, int steps) {
    std::vector<double> losses;
    for (int i = 0; i < steps; ++i) {
      const auto progress = trainer.Step();
      EXPECT_TRUE(progress.ok()) << progress.status();
      losses.push_back(progress->loss);
    }
    return losses;
  }

  std::unique_ptr<Tokenizer> tokenizer_;
  std::unique_ptr<TrainingText> text_;
};

TrainingOptions Short() {
  TrainingOptions options;
  options.steps = 40;
  options.warm_up = 5;
  return options;
}

TEST_F(TrainerTest, LossFalls) {
  const auto trainer = Make(Short());
  const std::vector<double> losses = Losses(*trainer, 40);
  EXPECT_GT(losses.front(), 4);  // about ln(320) before anything is learnt
  EXPECT_LT(losses.back(), 0.6 * losses.front());
  EXPECT_TRUE(trainer->done());
}

TEST_F(TrainerTest, ResumesBitForBit) {
  for (const bool bfloat16 : {false, true}) {
    TrainingOptions options = Short();
    options.bfloat16 = bfloat16;
    const std::vector<double> straight = Losses(*Make(options), 12);

    options.checkpoint = testing::TempDir() + std::to_string(getpid()) + "resume.checkpoint";
    options.checkpoint_every = 7;  // in the middle of a pool of shards
    std::filesystem::remove(options.checkpoint);
    Losses(*Make(options), 9);  // two steps past the checkpoint, as a killed run would be
    const auto resumed = Make(options);
    EXPECT_EQ(resumed->progress().step, 7);
    const std::vector<double> rest = Losses(*resumed, 5);
    EXPECT_EQ(rest, std::vector<double>(straight.begin() + 7, straight.end()));
  }
}

TEST_F(TrainerTest, RefusesACheckpointOfAnotherModel) {
  TrainingOptions options = Short();
  options.checkpoint = testing::TempDir() + std::to_string(getpid()) + "other.checkpoint";
  options.checkpoint_every = 1;
  std::filesystem::remove(options.checkpoint);
  Losses(*Make(options), 1);
  TransformerConfig wider = kSmall;
  wider.width = 64;
  EXPECT_FALSE(Trainer::Create(wider, *text_, options).ok());
}

TEST(RateFactor, RisesStaysAndFalls) {
  TrainingOptions options;
  options.steps = 1000;
  options.warm_up = 100;
  options.decay_fraction = 0.3;
  EXPECT_DOUBLE_EQ(RateFactor(options, 0), 0.01);
  EXPECT_DOUBLE_EQ(RateFactor(options, 49), 0.5);
  EXPECT_DOUBLE_EQ(RateFactor(options, 500), 1);
  EXPECT_DOUBLE_EQ(RateFactor(options, 850), 0.5);
  EXPECT_NEAR(RateFactor(options, 999), 1.0 / 300, 1e-12);
}

}  // namespace
}  // namespace entrobench::policy
