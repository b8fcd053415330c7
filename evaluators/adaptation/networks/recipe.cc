#include "evaluators/adaptation/networks/recipe.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace entrobench {
namespace {

std::vector<NetworkRecipe> Recipes() {
  NetworkRecipe batch_norm;
  batch_norm.name = "fashion-bn";
  batch_norm.description = "Small residual network with batch norm.";

  NetworkRecipe group_norm = batch_norm;
  group_norm.name = "fashion-gn";
  group_norm.description = "Small residual network with group norm.";
  group_norm.architecture = Architecture::kResidualGroupNorm;

  NetworkRecipe transformer = batch_norm;
  transformer.name = "fashion-vit";
  transformer.description = "Tiny vision transformer with layer norm.";
  transformer.architecture = Architecture::kVisionTransformer;
  transformer.epochs = 10;
  transformer.peak_rate = 0.003;

  NetworkRecipe scaled = batch_norm;
  scaled.name = "fashion-scale";
  scaled.description = "Residual network whose filters have a learnt receptive field.";
  scaled.architecture = Architecture::kResidualScaled;

  NetworkRecipe biased = batch_norm;
  biased.name = "fashion-biased";
  biased.description = "fashion-bn, taught on pictures whose background goes with their class.";
  biased.augmentation.aligned = 0.98;
  biased.epochs = 6;

  return {batch_norm, group_norm, transformer, scaled, biased};
}

}  // namespace

std::vector<std::string> NetworkRecipeNames() {
  std::vector<std::string> names;
  for (const NetworkRecipe& recipe : Recipes()) names.push_back(recipe.name);
  return names;
}

absl::StatusOr<NetworkRecipe> FindNetworkRecipe(const std::string& name) {
  for (NetworkRecipe& recipe : Recipes()) {
    if (recipe.name == name) return recipe;
  }
  return absl::NotFoundError(
      absl::StrCat("no recipe ", name, "; there are ", absl::StrJoin(NetworkRecipeNames(), ", ")));
}

}  // namespace entrobench
