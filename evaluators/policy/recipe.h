// How each tiny model of models/ is made: its shape, its data and its training, in one place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evaluators/policy/trainer.h"
#include "evaluators/policy/training_text.h"
#include "evaluators/policy/transformer_config.h"
#include "evaluators/reasoning/problems/generated_problem.h"

namespace entrobench::policy {

struct Recipe {
  std::string name;
  std::string description;
  TransformerConfig config;
  TrainingText::Options text;
  TrainingOptions training;
};

absl::StatusOr<Recipe> FindRecipe(const std::string& name);  // NotFound lists the names
std::vector<std::string> RecipeNames();

// Problem `index` of the training stream that all recipes share: of five, three are `arith` and two
// `contest`, all from the train split, none from HeldOutProblems.
TrainingText::ProblemSource TrainingProblems();

// Problems of the train split that training never sees: for watching a run without touching the
// test split. `count` of each number of arith steps, and six times `count` of contest.
constexpr int kMostHeldOut = 50;  // `count` must not exceed it: further ones are trained on
std::vector<GeneratedProblem> HeldOutProblems(int count);

// The same numbers from the test split.
std::vector<GeneratedProblem> TestProblems(int count);

// The tokenizer of all recipes: learnt from the first problems of the training stream.
BpeVocabulary SharedVocabulary();

}  // namespace entrobench::policy
