// How each shipped network of models/ is made: its shape and its training, in one place.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evaluators/adaptation/networks/architecture.h"
#include "evaluators/adaptation/networks/training_pictures.h"

namespace entrobench {

struct NetworkRecipe {
  std::string name;
  std::string description;
  Architecture architecture = Architecture::kResidualBatchNorm;
  Augmentation augmentation;
  int batch_size = 128;
  int epochs = 12;
  double peak_rate = 0.005;
  double weight_decay = 0.05;
};

absl::StatusOr<NetworkRecipe> FindNetworkRecipe(const std::string& name);  // NotFound lists them
std::vector<std::string> NetworkRecipeNames();

}  // namespace entrobench
