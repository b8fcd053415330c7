// entrobench-train-vision: makes and measures the networks of models/. See models/README.md.

#include <malloc.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <iostream>
#include <memory>
#include <numeric>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/logging.h"
#include "common/status_macros.h"
#include "evaluators/adaptation/corruptions/corrupted_set.h"
#include "evaluators/adaptation/data/fashion_mnist.h"
#include "evaluators/adaptation/networks/accuracy.h"
#include "evaluators/adaptation/networks/network_trainer.h"
#include "evaluators/adaptation/networks/recipe.h"
#include "evaluators/adaptation/torch_network.h"

namespace entrobench {
namespace {

constexpr uint64_t kCorruptionSeed = 0;  // of the cards' tables

struct Arguments {
  std::string recipe = "fashion-bn";
  std::string output;
  std::string model;
  std::string data = FashionMnistFolder();
  uint64_t seed = 1;
  int epochs = 0;
  int pictures = 2000;
};

absl::StatusOr<std::shared_ptr<const ImageSet>> Pictures(const Arguments& arguments,
                                                         FashionMnistSplit split) {
  EB_ASSIGN_OR_RETURN(ImageSet images, ReadFashionMnist(split, arguments.data));
  return std::make_shared<const ImageSet>(std::move(images));
}

absl::Status Train(const Arguments& arguments) {
  EB_ASSIGN_OR_RETURN(NetworkRecipe recipe, FindNetworkRecipe(arguments.recipe));
  if (arguments.epochs > 0) recipe.epochs = arguments.epochs;
  EB_ASSIGN_OR_RETURN(const auto images, Pictures(arguments, FashionMnistSplit::kTrain));
  TrainingPictures pictures(images, recipe.augmentation, recipe.batch_size, arguments.seed);
  const TrainingPlan plan = {.seed = arguments.seed,
                             .steps = recipe.epochs * pictures.batches_per_epoch(),
                             .peak_rate = recipe.peak_rate,
                             .weight_decay = recipe.weight_decay};
  NetworkTrainer trainer(recipe.architecture, plan);
  EB_LOG(INFO) << recipe.name << ": " << trainer.parameters() << " parameters, " << recipe.epochs
               << " epochs of " << pictures.batches_per_epoch() << " steps";
  const absl::Time start = absl::Now();
  double mean_loss = 0;
  for (int64_t step = 1; step <= plan.steps; ++step) {
    const LabelledImages batch = pictures.Next();
    EB_ASSIGN_OR_RETURN(const double loss, trainer.Step(batch.images.view(), batch.labels));
    mean_loss = step == 1 ? loss : 0.98 * mean_loss + 0.02 * loss;
    if (step % 100 != 0 && step != plan.steps) continue;
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    EB_LOG(INFO) << absl::StreamFormat(
        "epoch %d/%d  step %d/%d  loss %.4f (mean %.4f)  %.0f pictures/s  %.0f s left",
        (step - 1) / pictures.batches_per_epoch() + 1, recipe.epochs, step, plan.steps, loss,
        mean_loss, static_cast<double>(step * recipe.batch_size) / seconds,
        seconds / static_cast<double>(step) * static_cast<double>(plan.steps - step));
  }
  const std::string output =
      arguments.output.empty() ? absl::StrCat(recipe.name, ".pt") : arguments.output;
  EB_RETURN_IF_ERROR(trainer.Save(output));
  EB_LOG(INFO) << absl::StreamFormat("wrote %s after %.0f s of training", output,
                                     absl::ToDoubleSeconds(absl::Now() - start));
  return absl::OkStatus();
}

// The figures of a card, as its Markdown.
absl::Status Evaluate(const Arguments& arguments) {
  EB_ASSIGN_OR_RETURN(const auto images, Pictures(arguments, FashionMnistSplit::kTest));
  const CorruptedSet source(images, kCorruptionSeed);
  EB_ASSIGN_OR_RETURN(const auto network,
                      LoadTorchNetwork(arguments.model, kNetworkClasses, source.shape()));
  const int all = images->size();
  const std::clock_t start = std::clock();  // of this process: other work does not count
  EB_ASSIGN_OR_RETURN(const double clean, Accuracy(network.get(), source, all, 0, 0));
  std::cout << absl::StreamFormat(
      "clean accuracy %.2f%% of %d pictures, %.1f ms of CPU for 64 of them\n\n", 100 * clean, all,
      64e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / all);

  EB_ASSIGN_OR_RETURN(const auto painted, AccuraciesByBackground(network.get(), source, all));
  std::cout << "| class | on its background | on the other |\n|---|---|---|\n";
  for (size_t k = 0; k < painted.aligned.size(); ++k) {
    std::cout << absl::StreamFormat("| %s | %.1f%% | %.1f%% |\n", source.class_names()[k],
                                    100 * painted.aligned[k], 100 * painted.opposed[k]);
  }

  const int pictures = std::min(arguments.pictures, all);
  std::cout << "\n| error, severity | 1 | 2 | 3 | 4 | 5 |\n|---|---|---|---|---|---|\n";
  std::vector<double> mean(kSeverities);
  for (size_t c = 0; c < source.corruptions().size(); ++c) {
    std::cout << "| " << source.corruptions()[c];
    for (int severity = 1; severity <= kSeverities; ++severity) {
      EB_ASSIGN_OR_RETURN(const double accuracy,
                          Accuracy(network.get(), source, pictures, static_cast<int>(c), severity));
      mean[static_cast<size_t>(severity) - 1] +=
          (1 - accuracy) / static_cast<double>(source.corruptions().size());
      std::cout << absl::StreamFormat(" | %.1f%%", 100 * (1 - accuracy)) << std::flush;
    }
    std::cout << " |\n";
  }
  std::cout << "| **mean**";
  for (const double error : mean) std::cout << absl::StreamFormat(" | %.1f%%", 100 * error);
  std::cout << " |\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app{
      "Makes and measures Entrobench's networks for test-time adaptation.\n"
      "  entrobench-train-vision train --recipe fashion-bn --output models/fashion-bn.pt\n"
      "  entrobench-train-vision train --recipe fashion-vit --epochs 1 --output /tmp/try.pt\n"
      "  entrobench-train-vision evaluate models/fashion-bn.pt"};
  app.require_subcommand(1);
  Arguments arguments;
  CLI::App* train =
      app.add_subcommand("train", "Train a network from its recipe on Fashion-MNIST, on one core");
  train->add_option("--recipe", arguments.recipe, "Which network")
      ->check(CLI::IsMember(NetworkRecipeNames()))
      ->capture_default_str();
  train->add_option("--output", arguments.output, "TorchScript file to write; default RECIPE.pt");
  train->add_option("--epochs", arguments.epochs, "Instead of the recipe's number of epochs");
  train->add_option("--seed", arguments.seed, "Of weights, order and augmentation")
      ->capture_default_str();
  CLI::App* evaluate = app.add_subcommand(
      "evaluate", "Print a card's tables: accuracy, by background, and error by corruption");
  evaluate->add_option("model", arguments.model, "TorchScript file")
      ->required()
      ->check(CLI::ExistingFile);
  evaluate
      ->add_option("--pictures", arguments.pictures,
                   "Of the test set, for the table of corruptions")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  for (CLI::App* command : {train, evaluate}) {
    command->add_option("--data", arguments.data, "Folder with Fashion-MNIST's four files")
        ->capture_default_str();
  }
  CLI11_PARSE(app, argc, argv);

  // Activations of one size come and go each step: keep their memory instead of returning it to the
  // kernel.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);

  SetUpLogging("train-vision", LogLevel::INFO);
  const absl::Status status = *train ? Train(arguments) : Evaluate(arguments);
  if (status.ok()) return 0;
  std::cerr << "entrobench-train-vision: " << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace entrobench

int main(int argc, char** argv) { return entrobench::Main(argc, argv); }
