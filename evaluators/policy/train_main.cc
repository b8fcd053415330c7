// entrobench-train: makes the tiny models of models/. See models/README.md.

#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "common/logging.h"
#include "common/status_macros.h"
#include "evaluators/policy/llama_solver.h"
#include "evaluators/policy/model_file.h"
#include "evaluators/policy/recipe.h"
#include "evaluators/policy/tokenizer.h"
#include "evaluators/policy/trainer.h"
#include "llama.h"

namespace entrobench::policy {
namespace {

struct Arguments {
  std::string recipe = "tiny-reasoner";
  std::string folder;
  std::string model;
  std::string output;
  std::string precision = "auto";
  std::string split = "test";
  int64_t steps = 0;
  int64_t evaluate_every = 500;
  int problems = 50;
  double temperature = 0;
};

std::string VocabularyPath(const Arguments& arguments) {
  return absl::StrCat(arguments.folder, "/vocabulary.gguf");
}

// The vocabulary as a GGUF file without weights, made once a folder.
absl::StatusOr<ModelFile> Vocabulary(const Arguments& arguments, const Recipe& recipe) {
  ModelFile file{recipe.name, recipe.description, recipe.config, {}, {}};
  EB_RETURN_IF_ERROR(MakeDirectories(arguments.folder));
  if (std::filesystem::exists(VocabularyPath(arguments))) {
    EB_ASSIGN_OR_RETURN(const ModelFile saved, ReadModelFile(VocabularyPath(arguments)));
    file.vocabulary = saved.vocabulary;
    return file;
  }
  EB_LOG(INFO) << "learning the vocabulary";
  file.vocabulary = SharedVocabulary();
  EB_RETURN_IF_ERROR(WriteModelFile(file, VocabularyPath(arguments)));
  return file;
}

std::string Describe(const std::map<std::string, Score>& scores) {
  std::string line;
  Score contest;
  for (const auto& [group, score] : scores) {
    if (group.find(" step") != std::string::npos) {
      absl::StrAppendFormat(&line, "%s %.0f%%  ", group, 100 * score.rate());
    } else {
      contest.right += score.right;
      contest.total += score.total;
    }
  }
  absl::StrAppendFormat(&line, "contest %.0f%%", 100 * contest.rate());
  return line;
}

absl::Status Train(const Arguments& arguments) {
  EB_ASSIGN_OR_RETURN(Recipe recipe, FindRecipe(arguments.recipe));
  EB_ASSIGN_OR_RETURN(ModelFile file, Vocabulary(arguments, recipe));
  EB_ASSIGN_OR_RETURN(const auto tokenizer, Tokenizer::Load(VocabularyPath(arguments)));
  TrainingOptions& options = recipe.training;
  if (arguments.steps > 0) options.steps = arguments.steps;
  options.checkpoint = absl::StrCat(arguments.folder, "/", recipe.name, ".checkpoint");
  options.bfloat16 =
      arguments.precision == "bfloat16" || (arguments.precision == "auto" && PrefersBfloat16());
  recipe.text.longest = recipe.config.context_length;
  const TrainingText text(*tokenizer, TrainingProblems(), recipe.text);
  EB_ASSIGN_OR_RETURN(const auto trainer, Trainer::Create(recipe.config, text, options));
  const Trainer::Progress start = trainer->progress();
  EB_LOG(INFO) << absl::StreamFormat(
      "%s: %d parameters, %s, from step %d of %d (%.1fM tokens and %.0f s behind it)", recipe.name,
      trainer->ParameterCount(), options.bfloat16 ? "bfloat16" : "float32", start.step,
      options.steps, static_cast<double>(start.tokens) / 1e6, start.seconds);

  const auto export_and_score = [&]() -> absl::Status {
    const std::string path = absl::StrCat(arguments.folder, "/", recipe.name, ".gguf");
    file.weights = trainer->Weights();
    EB_RETURN_IF_ERROR(WriteModelFile(file, path, WeightFormat::kFloat16));
    EB_ASSIGN_OR_RETURN(const auto scores, Solve(path, HeldOutProblems(kMostHeldOut / 2), {}));
    EB_LOG(INFO) << "held-out, greedy: " << Describe(scores);
    return absl::OkStatus();
  };
  double mean_loss = 0;
  while (!trainer->done()) {
    EB_ASSIGN_OR_RETURN(const Trainer::Progress now, trainer->Step());
    mean_loss = mean_loss == 0 ? now.loss : 0.98 * mean_loss + 0.02 * now.loss;
    if (now.step % 50 == 0 || trainer->done()) {
      const double seconds = now.seconds - start.seconds;
      EB_LOG(INFO) << absl::StreamFormat(
          "step %d/%d  loss %.4f (mean %.4f)  gradient %.2f  %.0f tokens/s  %.1fM tokens  %.0f s "
          "left",
          now.step, options.steps, now.loss, mean_loss, now.gradient_norm,
          static_cast<double>(now.tokens - start.tokens) / seconds,
          static_cast<double>(now.tokens) / 1e6,
          seconds / static_cast<double>(now.step - start.step) *
              static_cast<double>(options.steps - now.step));
    }
    if (now.step % arguments.evaluate_every == 0 && !trainer->done()) {
      EB_RETURN_IF_ERROR(export_and_score());
    }
  }
  return export_and_score();
}

absl::Status Evaluate(const Arguments& arguments) {
  const bool test = arguments.split == "test";
  if (!test && arguments.problems > kMostHeldOut) {
    return absl::InvalidArgumentError(
        absl::StrCat("--problems ", arguments.problems, ": only ", kMostHeldOut, " are held out"));
  }
  const auto problems =
      test ? TestProblems(arguments.problems) : HeldOutProblems(arguments.problems);
  SolverOptions options;
  options.temperature = arguments.temperature;
  EB_ASSIGN_OR_RETURN(const auto scores, Solve(arguments.model, problems, options));
  Score arith, contest;
  for (const auto& [group, score] : scores) {
    std::cout << absl::StreamFormat("%-24s %4d / %4d  %5.1f%%\n", group, score.right, score.total,
                                    100 * score.rate());
    Score& sum = group.find(" step") != std::string::npos ? arith : contest;
    sum.right += score.right;
    sum.total += score.total;
  }
  std::cout << absl::StreamFormat("%-24s %4d / %4d  %5.1f%%\n", "arith", arith.right, arith.total,
                                  100 * arith.rate());
  std::cout << absl::StreamFormat("%-24s %4d / %4d  %5.1f%%\n", "contest", contest.right,
                                  contest.total, 100 * contest.rate());
  return absl::OkStatus();
}

absl::Status Show(const Arguments& arguments) {
  const auto problems = TestProblems(1);
  std::vector<std::string> prompts;
  for (const auto& problem : problems) prompts.push_back(PromptText(problem.question));
  SolverOptions options;
  options.temperature = arguments.temperature;
  EB_ASSIGN_OR_RETURN(const auto continuations, Continue(arguments.model, prompts, options));
  for (size_t i = 0; i < problems.size(); ++i) {
    std::cout << prompts[i] << continuations[i] << "\n[expected " << problems[i].answer << "]\n\n";
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app{
      "Makes and measures Entrobench's tiny language models.\n"
      "  entrobench-train train --recipe tiny-reasoner --folder build/models\n"
      "  entrobench-train evaluate models/tiny-reasoner.gguf --temperature 0.7"};
  app.require_subcommand(1);
  Arguments arguments;

  CLI::App* train = app.add_subcommand("train",
                                       "Train a model from its recipe; continues from the folder's "
                                       "checkpoint, ends in FOLDER/RECIPE.gguf");
  train->add_option("--recipe", arguments.recipe, "Which model")
      ->check(CLI::IsMember(RecipeNames()))
      ->capture_default_str();
  train->add_option("--folder", arguments.folder, "Where vocabulary, checkpoint and model go")
      ->required();
  train->add_option("--steps", arguments.steps, "Instead of the recipe's number of steps");
  train
      ->add_option("--precision", arguments.precision,
                   "Of activations; auto: bfloat16 where the CPU has it")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16"}))
      ->capture_default_str();
  train
      ->add_option("--evaluate-every", arguments.evaluate_every,
                   "Steps between exports and held-out scores")
      ->capture_default_str();

  CLI::App* evaluate =
      app.add_subcommand("evaluate", "Zero-shot accuracy of a GGUF model on generated problems");
  CLI::App* show = app.add_subcommand("show", "Print a model's solutions of a few test problems");
  for (CLI::App* command : {evaluate, show}) {
    command->add_option("model", arguments.model, "GGUF file")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("--temperature", arguments.temperature, "0: greedy")->capture_default_str();
  }
  evaluate
      ->add_option("--problems", arguments.problems,
                   "Of each number of steps; six times as many of contest")
      ->capture_default_str();
  evaluate
      ->add_option("--split", arguments.split,
                   "test, or held-out (of the train split, never trained on)")
      ->check(CLI::IsMember({"test", "held-out"}))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  // Activations of one size come and go each step: keep their memory instead of returning it to the
  // kernel.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);

  SetUpLogging("train", LogLevel::INFO);
  llama_log_set(
      [](ggml_log_level level, const char* text, void*) {
        if (level == GGML_LOG_LEVEL_ERROR) std::fputs(text, stderr);
      },
      nullptr);
  const absl::Status status = *train      ? Train(arguments)
                              : *evaluate ? Evaluate(arguments)
                                          : Show(arguments);
  if (status.ok()) return 0;
  std::cerr << "entrobench-train: " << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace entrobench::policy

int main(int argc, char** argv) { return entrobench::policy::Main(argc, argv); }
