#include "evaluators/policy/recipe.h"

#include <memory>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "evaluators/policy/bpe_trainer.h"

namespace entrobench::policy {
namespace {

constexpr int kVocabularySize = 1024;
constexpr int kVocabularyExamples = 20000;
constexpr int kArithSteps = 6;

// Indices that the training stream does not reach.
constexpr uint64_t kHeldOutFrom = uint64_t{1} << 40;
constexpr uint64_t kReplacementsFrom = uint64_t{1} << 41;

std::vector<GeneratedProblem> Problems(Split split, uint64_t from, int count) {
  std::vector<GeneratedProblem> problems;
  for (int i = 0; i < count; ++i) {
    for (int steps = 1; steps <= kArithSteps; ++steps) {
      problems.push_back(ArithProblemWithSteps(split, from + static_cast<uint64_t>(i), steps));
    }
  }
  for (int i = 0; i < kArithSteps * count; ++i) {
    problems.push_back(ContestProblem(split, from + static_cast<uint64_t>(i)));
  }
  return problems;
}

GeneratedProblem MixedProblem(uint64_t index) {
  return index % 5 < 3 ? ArithProblem(Split::kTrain, index) : ContestProblem(Split::kTrain, index);
}

constexpr char kDescription[] =
    "Entrobench's own small language model for trying out decoding methods offline. Trained from "
    "scratch on generated word problems (arith) and olympiad-style problems (contest) with worked "
    "solutions; knows nothing else. Prompt: 'Question: ...\\nAnswer:'.";

std::vector<Recipe> Recipes() {
  Recipe tiny;
  tiny.name = "tiny-reasoner";
  tiny.description = kDescription;
  tiny.config = {
      .vocab_size = kVocabularySize, .width = 160, .layers = 6, .heads = 5, .feed_forward = 448};
  // Stopped while it still learns and before the rates fall: after 1,500 steps that end in a fall
  // it solves nine of ten arith problems, which leaves methods too little to differ on.
  tiny.training.steps = 1250;
  tiny.training.decay_fraction = 0;

  Recipe mini = tiny;
  mini.name = "tiny-reasoner-mini";
  mini.config = {
      .vocab_size = kVocabularySize, .width = 64, .layers = 4, .heads = 4, .feed_forward = 192};
  return {tiny, mini};
}

}  // namespace

std::vector<std::string> RecipeNames() {
  std::vector<std::string> names;
  for (const Recipe& recipe : Recipes()) names.push_back(recipe.name);
  return names;
}

absl::StatusOr<Recipe> FindRecipe(const std::string& name) {
  for (Recipe& recipe : Recipes()) {
    if (recipe.name == name) return recipe;
  }
  return absl::NotFoundError(
      absl::StrCat("no recipe ", name, "; there are ", absl::StrJoin(RecipeNames(), ", ")));
}

TrainingText::ProblemSource TrainingProblems() {
  auto held_out = std::make_shared<absl::flat_hash_set<std::string>>();
  for (const GeneratedProblem& problem : HeldOutProblems(kMostHeldOut))
    held_out->insert(problem.canonical);
  return [held_out](uint64_t index) {
    GeneratedProblem problem = MixedProblem(index);
    for (uint64_t attempt = 0; held_out->contains(problem.canonical); ++attempt) {
      problem = MixedProblem(kReplacementsFrom + 5 * (index + attempt) + index % 5);
    }
    return problem;
  };
}

std::vector<GeneratedProblem> HeldOutProblems(int count) {
  return Problems(Split::kTrain, kHeldOutFrom, count);
}
std::vector<GeneratedProblem> TestProblems(int count) { return Problems(Split::kTest, 0, count); }

BpeVocabulary SharedVocabulary() {
  const auto problems = TrainingProblems();
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < kVocabularyExamples; ++i) texts.push_back(ExampleText(problems(i)));
  return TrainBpe(texts, kVocabularySize);
}

}  // namespace entrobench::policy
