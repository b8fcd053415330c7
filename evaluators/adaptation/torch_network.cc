#include "evaluators/adaptation/torch_network.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <dlfcn.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "evaluators/adaptation/top_layers.h"

namespace entrobench {
namespace {

using torch::jit::Module;

constexpr char kStatistics[] = "entrobench_statistics";  // attributes of our batch normalisation
constexpr char kStatisticsValue[] = "entrobench_statistics_value";

// Batch normalisation as BatchStatistics says; the numbers are its kinds. The two blanks are the
// layer's eps.
constexpr char kBatchNorm[] = R"(
def forward(self, x: Tensor) -> Tensor:
    if self.entrobench_statistics == 1:
        return torch.batch_norm(x, self.weight, self.bias, None, None, True, 0.0, %.17g, False)
    mean = self.running_mean
    var = self.running_var
    if self.entrobench_statistics >= 2:
        dims = [0]
        for d in range(2, x.dim()):
            dims.append(d)
        share = self.entrobench_statistics_value
        if self.entrobench_statistics == 2:
            pictures = float(x.size(0))
            share = pictures / (pictures + self.entrobench_statistics_value)
        mean = (1.0 - share) * mean + share * torch.mean(x, dims).detach()
        var = (1.0 - share) * var + share * torch.var(x, dims, x.numel() > x.size(1)).detach()
        if self.entrobench_statistics == 3:
            self.running_mean.copy_(mean)
            self.running_var.copy_(var)
    return torch.batch_norm(x, self.weight, self.bias, mean, var, False, 0.0, %.17g, False)
)";

// For layers that store no statistics: always the batch's.
constexpr char kBatchNormWithoutStatistics[] = R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.batch_norm(x, self.weight, self.bias, None, None, True, 0.0, %.17g, False)
)";

// Of an error of torch, which may begin with an empty line.
std::string FirstLine(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return std::string(text.substr(0, text.find('\n')));
}

absl::Status Thrown(absl::string_view message) {
  for (const char* memory : {"out of memory", "not enough memory", "can't allocate memory"}) {
    if (absl::StrContains(message, memory)) return absl::ResourceExhaustedError(message);
  }
  return absl::FailedPreconditionError(message);
}

// `work`'s result, or its exception with its message: torch throws, our code does not.
// FailedPrecondition (the network cannot do it, now or later), but ResourceExhausted where memory
// was short.
template <typename Work>
auto Caught(Work work) -> absl::StatusOr<decltype(work())> {
  try {
    return work();
  } catch (const c10::Error& error) {
    return Thrown(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return Thrown(error.what());
  }
}

Normalization KindOf(const Module& module) {
  const auto name = module.type()->name();
  if (!name.has_value()) return Normalization::kNone;
  const std::string last = name->name();
  for (const char* batch : {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"}) {
    if (last == batch) return Normalization::kBatch;
  }
  if (last == "GroupNorm") return Normalization::kGroup;
  if (last == "LayerNorm") return Normalization::kLayer;
  return Normalization::kNone;
}

std::optional<at::Tensor> TensorOf(const Module& module, const char* name) {
  if (!module.hasattr(name) || !module.attr(name).isTensor()) return std::nullopt;
  return module.attr(name).toTensor();
}

// The eps of the first batch_norm in `block`.
std::optional<double> FindEps(torch::jit::Block* block) {
  for (torch::jit::Node* node : block->nodes()) {
    if (node->kind() == c10::Symbol::fromQualString("aten::batch_norm")) {
      const auto eps = torch::jit::constant_as<double>(node->input(7));
      if (eps.has_value()) return *eps;
    }
    for (torch::jit::Block* inner : node->blocks()) {
      if (const auto eps = FindEps(inner)) return eps;
    }
  }
  return std::nullopt;
}

double EpsOf(const Module& layer) {
  if (layer.hasattr("eps") && layer.attr("eps").isDouble()) return layer.attr("eps").toDouble();
  const auto graph =
      torch::jit::toGraphFunction(layer.get_method("forward").function()).graph()->copy();
  torch::jit::Inline(*graph);
  return FindEps(graph->block()).value_or(1e-5);  // torch's default
}

// Puts our forward in place of the layer's own. Layers may share their type: `done` has the types
// that are replaced already.
void ReplaceBatchNorm(Module layer, std::set<std::string>* done) {
  layer.register_attribute(kStatistics, c10::IntType::get(), BatchStatistics::kSource);
  layer.register_attribute(kStatisticsValue, c10::FloatType::get(), 0.0);
  const auto type = layer.type();
  if (!done->insert(type->name()->qualifiedName()).second) return;
  const double eps = EpsOf(layer);
  const c10::QualifiedName forward = type->getMethod("forward").qualname();
  type->unsafeRemoveMethod("forward");
  type->compilation_unit()->unsafeRemoveMethod(forward);
  layer.define(TensorOf(layer, "running_mean").has_value()
                   ? absl::StrFormat(kBatchNorm, eps, eps)
                   : absl::StrFormat(kBatchNormWithoutStatistics, eps));
}

// A GPU where torch has one that it may use (CUDA_VISIBLE_DEVICES), else the CPU.
at::Device BestDevice() { return at::hasCUDA() ? at::Device(at::kCUDA) : at::Device(at::kCPU); }

class TorchNetwork final : public Network {
 public:
  TorchNetwork(const Module& module, int classes) : module_(module), classes_(classes) {
    module_.to(device_);
    module_.eval();
    std::set<std::string> replaced;
    std::vector<std::string> paths;
    for (const auto& named : module_.named_modules()) {
      const Normalization kind = KindOf(named.value);
      if (kind == Normalization::kNone) continue;
      if (kind == Normalization::kBatch) {
        ReplaceBatchNorm(named.value, &replaced);
        batch_layers_.push_back(named.value);
      }
      if (normalization_ == Normalization::kNone) normalization_ = kind;
      layers_.push_back(named.value);
      paths.push_back(named.name);
    }
    top_ = TopLayers(paths);
    FindTensors();
    for (const at::Tensor& tensor : live_) start_.push_back(tensor.clone());
  }

  int classes() const override { return classes_; }
  Normalization normalization() const override { return normalization_; }

  absl::Status Tune(ParameterSet set) override {
    std::vector<at::Tensor> chosen;
    std::string what;
    if (set == ParameterSet::kNormalization || set == ParameterSet::kNormalizationBelowTop) {
      what = "normalisation layers (BatchNorm, GroupNorm, LayerNorm) with weight and bias";
      for (size_t i = 0; i < layers_.size(); ++i) {
        if (set == ParameterSet::kNormalizationBelowTop && top_[i]) continue;
        AddWeightAndBias(layers_[i], &chosen);
      }
    }
    if (set == ParameterSet::kHead || set == ParameterSet::kHeadAndScale) {
      what = "last layer with one row of weights a class";
      if (const auto head = FindHead()) AddWeightAndBias(*head, &chosen);
    }
    if (set == ParameterSet::kScale || (set == ParameterSet::kHeadAndScale && !chosen.empty())) {
      what = "parameters called log_scale";
      const size_t before = chosen.size();
      for (const auto& named : module_.named_parameters()) {
        if (named.name == "log_scale" || absl::EndsWith(named.name, ".log_scale")) {
          chosen.push_back(named.value);
        }
      }
      if (chosen.size() == before) chosen.clear();
    }
    if (chosen.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the method moves parameters that this network has not: ", what));
    }
    for (const at::Tensor& tensor : tuned_) tensor.set_requires_grad(false);
    tuned_ = std::move(chosen);
    for (const at::Tensor& tensor : tuned_) tensor.set_requires_grad(true);
    return absl::OkStatus();
  }

  std::vector<double> theta() const override {
    at::NoGradGuard no_gradient;
    std::vector<double> values;
    for (const at::Tensor& tensor : tuned_) Append(tensor, &values);
    return values;
  }

  void set_theta(const std::vector<double>& theta) override {
    at::NoGradGuard no_gradient;
    size_t begin = 0;
    for (const at::Tensor& tensor : tuned_) {
      // copy_ reads `theta` and converts; nothing keeps the pointer.
      tensor.copy_(at::from_blob(const_cast<double*>(theta.data() + begin), tensor.sizes(),
                                 at::TensorOptions().dtype(at::kDouble)));
      begin += static_cast<size_t>(tensor.numel());
    }
  }

  absl::Status Use(const BatchStatistics& statistics) override {
    for (Module layer : batch_layers_) {
      if (statistics.kind != BatchStatistics::kBatch &&
          !TensorOf(layer, "running_mean").has_value()) {
        return absl::FailedPreconditionError(
            "this network's batch normalisation stores no running statistics");
      }
      layer.setattr(kStatistics, static_cast<int64_t>(statistics.kind));
      layer.setattr(kStatisticsValue, statistics.value);
    }
    return absl::OkStatus();
  }

  void Restore() override {
    at::NoGradGuard no_gradient;
    for (size_t i = 0; i < live_.size(); ++i) live_[i].copy_(start_[i]);
  }

  absl::StatusOr<Matrix> HeadWeights() const override {
    const auto head = FindHead();
    if (!head.has_value()) {
      return absl::FailedPreconditionError(
          "the method needs the last layer's weights, one row a class, and finds none");
    }
    const at::Tensor weight = *TensorOf(*head, "weight");
    Matrix matrix{classes_, static_cast<int>(weight.numel() / classes_), {}};
    Append(weight.detach(), &matrix.values);
    return matrix;
  }

 private:
  // A copy that shares `start`.
  TorchNetwork(const TorchNetwork& other, const Module& copy)
      : module_(copy),
        classes_(other.classes_),
        normalization_(other.normalization_),
        top_(other.top_),
        start_(other.start_) {
    for (const auto& named : module_.named_modules()) {
      const Normalization kind = KindOf(named.value);
      if (kind == Normalization::kBatch) batch_layers_.push_back(named.value);
      if (kind != Normalization::kNone) layers_.push_back(named.value);
    }
    FindTensors();
  }

  void FindTensors() {
    for (const at::Tensor& parameter : module_.parameters()) live_.push_back(parameter);
    for (const at::Tensor& buffer : module_.buffers()) live_.push_back(buffer);
    for (const at::Tensor& tensor : live_) tensor.set_requires_grad(false);
    for (const at::Tensor& tensor : live_) {
      if (!tensor.is_floating_point()) continue;
      type_ = tensor.scalar_type();
      break;
    }
  }

  static void AddWeightAndBias(const Module& layer, std::vector<at::Tensor>* tensors) {
    for (const char* name : {"weight", "bias"}) {
      if (const auto tensor = TensorOf(layer, name)) tensors->push_back(*tensor);
    }
  }

  static void Append(const at::Tensor& tensor, std::vector<double>* values) {
    const at::Tensor flat = tensor.to(at::kCPU, at::kDouble).contiguous();
    const double* data = flat.data_ptr<double>();
    values->insert(values->end(), data, data + flat.numel());
  }

  std::optional<Module> FindHead() const {
    std::optional<Module> head;
    for (const auto& module : module_.modules()) {
      if (KindOf(module) != Normalization::kNone) continue;
      const auto weight = TensorOf(module, "weight");
      if (weight.has_value() && weight->dim() >= 2 && weight->size(0) == classes_) head = module;
    }
    return head;
  }

  at::Tensor Input(const ImageBatch& images) const {
    const at::Tensor view = at::from_blob(
        const_cast<float*>(images.pixels.data()),
        {images.size(), images.shape.channels, images.shape.height, images.shape.width},
        at::TensorOptions().dtype(at::kFloat));
    // A copy in any case: Backward may need it when the pixels are gone.
    return view.to(device_, type_, /*non_blocking=*/false, /*copy=*/true);
  }

  absl::StatusOr<at::Tensor> Run(const char* method, const ImageBatch& images) {
    // One plan for all batch sizes and for both with and without gradient.
    torch::jit::GraphOptimizerEnabledGuard plain(false);
    EB_ASSIGN_OR_RETURN(const c10::IValue output,
                        Caught([&] { return module_.get_method(method)({Input(images)}); }));
    if (!output.isTensor() || output.toTensor().dim() != 2 ||
        output.toTensor().size(0) != images.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the network's ", method, " gives no tensor of one row a picture"));
    }
    return output.toTensor();
  }

  absl::StatusOr<std::vector<double>> DoForward(const ImageBatch& images,
                                                bool for_gradient) override {
    at::AutoGradMode gradient(for_gradient);
    EB_ASSIGN_OR_RETURN(const at::Tensor logits, Run("forward", images));
    if (logits.size(1) != classes_) {
      return absl::InvalidArgumentError(absl::StrCat("the network has ", logits.size(1),
                                                     " outputs, the suite ", classes_, " classes"));
    }
    if (for_gradient) logits_ = logits;
    std::vector<double> values;
    Append(logits.detach(), &values);
    return values;
  }

  absl::StatusOr<std::vector<double>> DoBackward(const std::vector<double>& gradient) override {
    return Caught([&] {
      const at::Tensor outer =
          at::from_blob(const_cast<double*>(gradient.data()), logits_.sizes(),
                        at::TensorOptions().dtype(at::kDouble))
              .to(device_, logits_.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
      logits_.backward(outer);
      logits_ = at::Tensor();
      std::vector<double> by_theta;
      for (const at::Tensor& tensor : tuned_) {
        if (tensor.grad().defined()) {
          Append(tensor.grad(), &by_theta);
        } else {
          by_theta.resize(by_theta.size() + static_cast<size_t>(tensor.numel()));
        }
        tensor.mutable_grad() = at::Tensor();
      }
      return by_theta;
    });
  }

  absl::StatusOr<Matrix> DoFeatures(const ImageBatch& images) override {
    if (!module_.find_method("features").has_value()) {
      return absl::FailedPreconditionError(
          "the method needs the network's features, and it has no method features(x)");
    }
    at::NoGradGuard no_gradient;
    EB_ASSIGN_OR_RETURN(const at::Tensor features, Run("features", images));
    Matrix matrix{images.size(), static_cast<int>(features.size(1)), {}};
    Append(features, &matrix.values);
    return matrix;
  }

  std::unique_ptr<Network> DoClone() const override {
    at::NoGradGuard no_gradient;
    return absl::WrapUnique(new TorchNetwork(*this, module_.deepcopy()));
  }

  const at::Device device_ = BestDevice();
  Module module_;
  const int classes_;
  at::ScalarType type_ = at::kFloat;
  Normalization normalization_ = Normalization::kNone;
  std::vector<Module> layers_;        // normalisation, in the network's order
  std::vector<bool> top_;             // of layers_
  std::vector<Module> batch_layers_;  // those of layers_ with batch normalisation
  std::vector<at::Tensor> live_;      // all parameters and buffers
  std::vector<at::Tensor> start_;     // their values when loaded
  std::vector<at::Tensor> tuned_;
  at::Tensor logits_;  // of the last ForwardForGradient
};

absl::Status LoadError(const std::string& path, const std::string& message) {
  if (absl::StrContains(message, "Unknown builtin op") ||
      absl::StrContains(message, "Unknown type name '__torch__.torch.classes") ||
      absl::StrContains(message, "No such operator")) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " needs operators that are not in this build of torch: ", FirstLine(message)));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(path,
                   " is no TorchScript file that can be read; write it with "
                   "torch.jit.script(model).save(\"FILE.pt\") (",
                   FirstLine(message), ")"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Network>> LoadTorchNetwork(const std::string& path, int classes,
                                                          const ImageShape& shape) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file"));
  }
  const auto module = Caught([&] { return torch::jit::load(path, at::kCPU); });
  if (!module.ok()) return LoadError(path, std::string(module.status().message()));
  auto network = Caught([&]() -> std::unique_ptr<Network> {
    return std::make_unique<TorchNetwork>(*module, classes);
  });
  if (!network.ok()) return LoadError(path, std::string(network.status().message()));

  const std::vector<float> empty(2 * shape.values());
  const auto tried = (*network)->Forward(ImageBatch(shape, empty));
  if (tried.ok()) return network;
  const std::string message(tried.status().message());
  if (absl::StrContains(message, "No such operator")) return LoadError(path, message);
  if (tried.status().code() == absl::StatusCode::kInvalidArgument) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", message));
  }
  // The interpreter's message ends with what went wrong.
  const size_t cause = message.find("RuntimeError:");
  return absl::InvalidArgumentError(absl::StrCat(
      path, " does not take pictures of ", ToString(shape), ": ",
      cause == std::string::npos ? FirstLine(message) : FirstLine(message.substr(cause))));
}

void SetTorchThreads(int threads) {
  at::set_num_threads(std::max(threads, 1));
  // OpenBLAS has threads of its own, as many as cores, that spin while they wait for each other:
  // beside other work the small products of a transformer take ten times as long.
  using SetThreads = void (*)(int);
  const auto set_blas_threads =
      reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set_blas_threads != nullptr) set_blas_threads(std::max(threads, 1));
}

}  // namespace entrobench
