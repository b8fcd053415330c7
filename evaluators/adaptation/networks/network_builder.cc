#include "evaluators/adaptation/networks/network_builder.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/jit/api/module.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/random.h"

namespace entrobench {
namespace {

using torch::jit::Module;

enum class NormKind { kBatch, kGroup };

// Makes the layers of one network. Their types carry the names of torch.nn's: by these a
// normalisation layer is known.
class Layers {
 public:
  explicit Layers(uint64_t seed) : random_(seed, HashBytes("weights")) {}

  Module Make(const std::string& type) {
    Module module("__torch__.entrobench." + type, units_, /*shouldMangle=*/true);
    module.register_attribute("training", c10::BoolType::get(), true);
    return module;
  }

  // A parameter of independent normal values.
  void AddWeight(Module& module, const char* name, const std::vector<int64_t>& shape,
                 double deviation) {
    at::Tensor weight = at::empty(shape);
    auto* values = weight.data_ptr<float>();
    for (int64_t i = 0; i < weight.numel(); ++i) {
      values[i] = static_cast<float>(deviation * random_.Normal());
    }
    module.register_parameter(name, weight, false);
  }

  // Without bias: a normalisation follows. Weights after He et al. 2015, for the ReLU behind.
  Module Conv2d(int64_t in, int64_t out, int64_t side, int64_t stride) {
    Module layer = Make("Conv2d");
    AddWeight(layer, "weight", {out, in, side, side},
              std::sqrt(2.0 / static_cast<double>(in * side * side)));
    layer.define(absl::Substitute(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.conv2d(x, self.weight, None, [$0, $0], [$1, $1])
)",
                                  stride, side / 2));
    return layer;
  }

  // Filters of 3 x 3 taps that look through Gaussians, as in "Dynamic Scale Inference by Entropy
  // Minimization" (Wang et al. 2019): the input smoothed with standard deviation sigma and the taps
  // sigma apart, sigma = exp(log_scale) pixels of this layer's input, one for each filter. Both
  // together are one filter G^T W G on 5 x 5 places with G[tap, place] = exp(-((place - sigma tap)
  // / sigma)^2 / 2), each row divided by its sum. Wider Gaussians are cut off there.
  Module ScaledFilters(int64_t in, int64_t out, int64_t stride) {
    Module layer = Make("ScaledConv2d");
    // Smoothing makes the outputs small; the normalisation behind takes care of it.
    AddWeight(layer, "weight", {out, in, 3, 3}, std::sqrt(2.0 / static_cast<double>(in * 9)));
    constexpr double kFirstScale = 0.6;  // pixels
    layer.register_parameter("log_scale", at::full({out}, std::log(kFirstScale)), false);
    layer.define(absl::Substitute(R"(
def forward(self, x: Tensor) -> Tensor:
    sigma = torch.exp(self.log_scale).reshape(-1, 1, 1, 1)
    tap = torch.arange(-1.0, 2.0).reshape(1, 1, 3, 1)
    place = torch.arange(-2.0, 3.0).reshape(1, 1, 1, 5)
    gauss = torch.exp(-0.5 * (place / sigma - tap) ** 2)
    gauss = gauss / gauss.sum(3, True)
    filters = torch.matmul(torch.matmul(gauss.transpose(2, 3), self.weight), gauss)
    return torch.conv2d(x, filters, None, [$0, $0], [2, 2])
)",
                                  stride));
    return layer;
  }

  Module Norm(NormKind kind, int64_t channels) {
    Module layer = Make(kind == NormKind::kBatch ? "BatchNorm2d" : "GroupNorm");
    layer.register_parameter("weight", at::ones({channels}), false);
    layer.register_parameter("bias", at::zeros({channels}), false);
    if (kind == NormKind::kGroup) {
      constexpr int64_t kGroupWidth = 8;
      layer.define(absl::Substitute(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.group_norm(x, $0, self.weight, self.bias, 1e-5, False)
)",
                                    channels / kGroupWidth));
      return layer;
    }
    layer.register_buffer("running_mean", at::zeros({channels}));
    layer.register_buffer("running_var", at::ones({channels}));
    layer.define(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var, self.training, 0.1, 1e-5, False)
)");
    return layer;
  }

  Module LayerNorm(int64_t width) {
    Module layer = Make("LayerNorm");
    layer.register_parameter("weight", at::ones({width}), false);
    layer.register_parameter("bias", at::zeros({width}), false);
    layer.define(absl::Substitute(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.layer_norm(x, [$0], self.weight, self.bias, 1e-5, False)
)",
                                  width));
    return layer;
  }

  Module Linear(int64_t in, int64_t out) {
    Module layer = Make("Linear");
    AddWeight(layer, "weight", {out, in}, 1 / std::sqrt(static_cast<double>(in)));
    layer.register_parameter("bias", at::zeros({out}), false);
    layer.define(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.linear(x, self.weight, self.bias)
)");
    return layer;
  }

 private:
  std::shared_ptr<torch::jit::CompilationUnit> units_ =
      std::make_shared<torch::jit::CompilationUnit>();
  Random random_;
};

// Of all pixels of Fashion-MNIST's training pictures.
constexpr char kMean[] = "0.2860", kDeviation[] = "0.3530";

// relu(norm2(conv2(relu(norm1(conv1(x))))) + shortcut(x)), the basic block of He et al. 2016.
Module ResidualStage(Layers& layers, NormKind norm, bool scaled, int64_t in, int64_t out,
                     int64_t stride) {
  Module stage = layers.Make("ResidualStage");
  stage.register_module(
      "conv1", scaled ? layers.ScaledFilters(in, out, stride) : layers.Conv2d(in, out, 3, stride));
  stage.register_module("norm1", layers.Norm(norm, out));
  stage.register_module("conv2", layers.Conv2d(out, out, 3, 1));
  stage.register_module("norm2", layers.Norm(norm, out));
  const bool same_shape = in == out && stride == 1;
  if (!same_shape) {
    stage.register_module("shortcut", layers.Conv2d(in, out, 1, stride));
    stage.register_module("shortcut_norm", layers.Norm(norm, out));
  }
  stage.define(
      absl::Substitute(R"(
def forward(self, x: Tensor) -> Tensor:
    out = torch.relu(self.norm1.forward(self.conv1.forward(x)))
    out = self.norm2.forward(self.conv2.forward(out))
    return torch.relu(out + $0)
)",
                       same_shape ? "x" : "self.shortcut_norm.forward(self.shortcut.forward(x))"));
  return stage;
}

// Stages at 14 x 14, 7 x 7, 7 x 7 and 4 x 4 places.
Module ResidualNetwork(Layers& layers, NormKind norm, bool scaled,
                       const std::vector<int64_t>& widths) {
  Module network = layers.Make("ResidualNetwork");
  network.register_module("stem", layers.Conv2d(1, widths[0], 3, 2));
  network.register_module("stem_norm", layers.Norm(norm, widths[0]));
  constexpr int64_t kStrides[] = {1, 2, 1, 2};
  int64_t in = widths[0];
  for (size_t i = 0; i < widths.size(); ++i) {
    network.register_module(absl::StrCat("layer", i + 1),
                            ResidualStage(layers, norm, scaled, in, widths[i], kStrides[i]));
    in = widths[i];
  }
  network.register_module("head", layers.Linear(in, kNetworkClasses));
  network.define(absl::Substitute(R"(
def features(self, x: Tensor) -> Tensor:
    x = torch.relu(self.stem_norm.forward(self.stem.forward((x - $0) / $1)))
    x = self.layer2.forward(self.layer1.forward(x))
    x = self.layer4.forward(self.layer3.forward(x))
    return x.mean([2, 3])
def forward(self, x: Tensor) -> Tensor:
    return self.head.forward(self.features(x))
)",
                                  kMean, kDeviation));
  return network;
}

// x + attention(norm1(x)), then x + mlp(norm2(x)): the pre-norm block of Dosovitskiy et al. 2021.
Module TransformerBlock(Layers& layers, int64_t width, int64_t heads) {
  Module block = layers.Make("TransformerBlock");
  block.register_module("norm1", layers.LayerNorm(width));
  block.register_module("qkv", layers.Linear(width, 3 * width));
  block.register_module("projection", layers.Linear(width, width));
  block.register_module("norm2", layers.LayerNorm(width));
  block.register_module("expand", layers.Linear(width, 2 * width));
  block.register_module("contract", layers.Linear(2 * width, width));
  block.define(absl::Substitute(
      R"(
def attention(self, x: Tensor) -> Tensor:
    qkv = self.qkv.forward(x).reshape(x.size(0), x.size(1), 3, $0, $1).permute(2, 0, 3, 1, 4)
    scores = torch.softmax(torch.matmul(qkv[0], qkv[1].transpose(2, 3)) * $2, 3)
    mixed = torch.matmul(scores, qkv[2]).transpose(1, 2).reshape(x.size(0), x.size(1), $3)
    return self.projection.forward(mixed)
def forward(self, x: Tensor) -> Tensor:
    x = x + self.attention(self.norm1.forward(x))
    return x + self.contract.forward(torch.gelu(self.expand.forward(self.norm2.forward(x))))
)",
      heads, width / heads, 1 / std::sqrt(static_cast<double>(width) / static_cast<double>(heads)),
      width));
  return block;
}

// Patches of 7 x 7 pixels, 4 apart, so that neighbours overlap; the mean over places goes to the
// head.
Module VisionTransformer(Layers& layers) {
  constexpr int64_t kWidth = 48, kHeads = 3, kBlocks = 4, kPlaces = 7 * 7;
  Module network = layers.Make("VisionTransformer");
  layers.AddWeight(network, "patches", {kWidth, 1, 7, 7}, 1.0 / 7);
  layers.AddWeight(network, "places", {1, kPlaces, kWidth}, 0.02);
  std::string blocks;
  for (int64_t i = 0; i < kBlocks; ++i) {
    const std::string name = absl::StrCat("block", i);
    network.register_module(name, TransformerBlock(layers, kWidth, kHeads));
    absl::StrAppend(&blocks, "    x = self.", name, ".forward(x)\n");
  }
  network.register_module("norm", layers.LayerNorm(kWidth));
  network.register_module("head", layers.Linear(kWidth, kNetworkClasses));
  network.define(absl::Substitute(R"(
def features(self, x: Tensor) -> Tensor:
    x = torch.conv2d((x - $0) / $1, self.patches, None, [4, 4], [2, 2])
    x = x.flatten(2).transpose(1, 2) + self.places
$2
    return self.norm.forward(x).mean(1)
def forward(self, x: Tensor) -> Tensor:
    return self.head.forward(self.features(x))
)",
                                  kMean, kDeviation, blocks));
  return network;
}

}  // namespace

Module BuildNetwork(Architecture architecture, uint64_t seed) {
  Layers layers(seed);
  switch (architecture) {
    case Architecture::kResidualBatchNorm:
      return ResidualNetwork(layers, NormKind::kBatch, /*scaled=*/false, {16, 32, 32, 64});
    case Architecture::kResidualGroupNorm:
      return ResidualNetwork(layers, NormKind::kGroup, /*scaled=*/false, {16, 32, 32, 64});
    case Architecture::kResidualScaled:
      return ResidualNetwork(layers, NormKind::kBatch, /*scaled=*/true, {16, 16, 32, 32});
    case Architecture::kVisionTransformer:
      break;
  }
  return VisionTransformer(layers);
}

}  // namespace entrobench
