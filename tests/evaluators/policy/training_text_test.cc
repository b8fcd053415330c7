#include "evaluators/policy/training_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <set>
#include <string>

#include "evaluators/policy/model_file.h"
#include "evaluators/policy/recipe.h"

namespace entrobench::policy {
namespace {

std::unique_ptr<Tokenizer> SmallTokenizer() {
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < 200; ++i) texts.push_back(ExampleText(ArithProblem(Split::kTrain, i)));
  ModelFile file;
  file.vocabulary = TrainBpe(texts, 400);
  file.config.vocab_size = static_cast<int>(file.vocabulary.tokens.size());
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "training_text.gguf";
  if (!WriteModelFile(file, path).ok()) return nullptr;
  return std::move(Tokenizer::Load(path)).value();
}

GeneratedProblem Mixed(uint64_t i) {
  return i % 2 == 0 ? ArithProblem(Split::kTrain, i) : ContestProblem(Split::kTrain, i);
}

TEST(TrainingText, RowsAreExamplesWithTargetsOneAhead) {
  const auto tokenizer = SmallTokenizer();
  ASSERT_NE(tokenizer, nullptr);
  const TrainingText text(*tokenizer, Mixed, {.pool_examples = 64, .shard_tokens = 1024});
  std::multiset<std::string> seen;
  for (const Shard& shard : text.Pool(0)) {
    EXPECT_LE(shard.rows * shard.length, 1024);
    for (int64_t row = 0; row < shard.rows; ++row) {
      const auto begin = static_cast<size_t>(row * shard.length);
      std::vector<int32_t> ids;
      bool padding = false;
      for (size_t i = begin; i < begin + static_cast<size_t>(shard.length); ++i) {
        if (shard.weights[i] == 0) {
          padding = true;
          EXPECT_EQ(shard.ids[i], tokenizer->padding());
          continue;
        }
        EXPECT_FALSE(padding) << "text after padding";
        ids.push_back(static_cast<int32_t>(shard.ids[i]));
        const bool last =
            i + 1 == begin + static_cast<size_t>(shard.length) || shard.weights[i + 1] == 0;
        EXPECT_EQ(shard.targets[i], last ? tokenizer->end_of_text() : shard.ids[i + 1]);
      }
      if (!ids.empty()) seen.insert(tokenizer->Decode(ids));
    }
  }
  std::multiset<std::string> expected;
  for (uint64_t i = 0; i < 64; ++i) expected.insert(ExampleText(Mixed(i)));
  EXPECT_EQ(seen, expected);
}

TEST(TrainingText, TheSolutionWeighsMoreThanTheQuestion) {
  const auto tokenizer = SmallTokenizer();
  ASSERT_NE(tokenizer, nullptr);
  const TrainingText text(*tokenizer, Mixed,
                          {.pool_examples = 1, .shard_tokens = 1024, .prompt_weight = 0.25f});
  const Shard shard = text.Pool(0).at(0);
  const size_t prompt = tokenizer->Encode(PromptText(Mixed(0).question)).size();
  EXPECT_EQ(shard.weights[prompt - 2], 0.25f);  // its target is the prompt's last token
  EXPECT_EQ(shard.weights[prompt - 1], 1.0f);   // its target is the solution's first
}

TEST(TrainingText, APromptsTokensAreThoseItsExampleStartsWith) {
  // Otherwise the model would be asked with tokens other than it was trained on.
  const auto tokenizer = SmallTokenizer();
  ASSERT_NE(tokenizer, nullptr);
  for (uint64_t i = 0; i < 400; ++i) {
    const auto example = tokenizer->Encode(ExampleText(Mixed(i)));
    const auto prompt = tokenizer->Encode(PromptText(Mixed(i).question));
    ASSERT_LT(prompt.size(), example.size());
    EXPECT_TRUE(std::equal(prompt.begin(), prompt.end(), example.begin())) << ExampleText(Mixed(i));
  }
}

TEST(TrainingText, APoolDependsOnItsNumberOnly) {
  const auto tokenizer = SmallTokenizer();
  ASSERT_NE(tokenizer, nullptr);
  const TrainingText::Options options{.pool_examples = 40, .shard_tokens = 1024};
  const TrainingText first(*tokenizer, Mixed, options), second(*tokenizer, Mixed, options);
  (void)first.Pool(0);
  const auto a = first.Pool(3), b = second.Pool(3);
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].ids, b[i].ids);
}

TEST(TrainingProblems, ContainNoHeldOutAndNoTestProblem) {
  std::set<std::string> training;
  const auto problems = TrainingProblems();
  for (uint64_t i = 0; i < 20000; ++i) training.insert(problems(i).canonical);
  for (const GeneratedProblem& problem : HeldOutProblems(25)) {
    EXPECT_FALSE(training.contains(problem.canonical)) << problem.canonical;
  }
  for (const GeneratedProblem& problem : TestProblems(100)) {
    EXPECT_FALSE(training.contains(problem.canonical)) << problem.canonical;
  }
}

TEST(FindRecipe, NamesTheRecipesWhenThereIsNoSuch) {
  EXPECT_THAT(std::string(FindRecipe("big").status().message()),
              testing::HasSubstr("tiny-reasoner-mini"));
  for (const std::string& name : RecipeNames()) EXPECT_TRUE(FindRecipe(name).ok()) << name;
}

}  // namespace
}  // namespace entrobench::policy
