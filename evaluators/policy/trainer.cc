#include "evaluators/policy/trainer.h"

#include <dlfcn.h>
#include <torch/torch.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "evaluators/policy/optimizer.h"
#include "evaluators/policy/transformer.h"

namespace entrobench::policy {
namespace {

using torch::Tensor;

// Where the data stream stands.
struct Position {
  int64_t pool = 0;
  int64_t shard = 0;
};

struct ShardResult {
  double loss = 0;  // weighted sum
  std::vector<Tensor> gradients;
};

Tensor Wrap(const Shard& shard, const std::vector<int64_t>& values) {
  return torch::from_blob(const_cast<int64_t*>(values.data()), {shard.rows, shard.length},
                          torch::kInt64);
}

// The shards are what runs in parallel: within one, threads would only wait for each other.
// OpenBLAS has its own threads, of which torch knows nothing.
void UseOneThreadHere() {
  torch::set_num_threads(1);
  using SetThreads = void (*)(int);
  static const auto set_blas_threads =
      reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set_blas_threads != nullptr) set_blas_threads(1);
}

// The gradient of the loss sum / total_weight, so that results of several shards add up to the
// step's.
ShardResult RunShard(const Transformer& model, const Shard& shard, double total_weight) {
  UseOneThreadHere();
  const Tensor weights =
      torch::from_blob(const_cast<float*>(shard.weights.data()), {shard.rows, shard.length}) /
      total_weight;
  std::vector<Tensor> values;
  for (const auto& parameter : model.parameters()) values.push_back(parameter.value);
  const Tensor loss =
      model.WeightedLoss(Wrap(shard, shard.ids), Wrap(shard, shard.targets), weights);
  ShardResult result;
  result.gradients = torch::autograd::grad({loss}, values);
  result.loss = loss.item<double>();
  return result;
}

}  // namespace

double RateFactor(const TrainingOptions& options, int64_t step) {
  const auto at = static_cast<double>(step) + 1;
  const auto steps = static_cast<double>(options.steps);
  const double rise = at / static_cast<double>(std::max<int64_t>(1, options.warm_up));
  const double fall =
      (steps - static_cast<double>(step)) / std::max(1.0, options.decay_fraction * steps);
  return std::clamp(std::min(rise, fall), 0.0, 1.0);
}

bool PrefersBfloat16() { return HasFastBfloat16(); }

struct Trainer::State {
  State(const TransformerConfig& config, const TrainingText& training_text,
        const TrainingOptions& training_options, Precision precision)
      : options(training_options),
        text(training_text),
        model(config, training_options.seed, precision),
        optimizer(model, {.muon_rate = options.muon_rate, .adam_rate = options.adam_rate},
                  precision) {}

  // The next shard of the stream. The pool after the one in use is prepared meanwhile.
  Shard NextShard() {
    while (position.shard >= static_cast<int64_t>(shards.size()) || !loaded) {
      if (loaded) {
        ++position.pool;
        position.shard = 0;
      }
      shards =
          next_pool.valid() ? next_pool.get() : text.Pool(static_cast<uint64_t>(position.pool));
      loaded = true;
      next_pool = std::async(
          std::launch::async,
          [this, pool = static_cast<uint64_t>(position.pool) + 1] { return text.Pool(pool); });
    }
    return shards[static_cast<size_t>(position.shard++)];
  }

  // Every tensor of a checkpoint by name; copying into them restores it.
  std::vector<std::pair<std::string, Tensor>> Tensors() const {
    std::vector<std::pair<std::string, Tensor>> tensors;
    for (const auto& [name, value] : model.parameters())
      tensors.emplace_back("model." + name, value.detach());
    for (const auto& [name, value] : optimizer.State())
      tensors.emplace_back("optimizer." + name, value);
    return tensors;
  }

  absl::Status Load(const std::string& path) {
    EB_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
    try {
      std::istringstream stream(bytes);
      torch::serialize::InputArchive archive;
      archive.load_from(stream);
      for (auto& [name, value] : Tensors()) {
        Tensor saved;
        archive.read(name, saved);
        if (saved.sizes() != value.sizes()) {
          return absl::FailedPreconditionError(
              absl::StrCat(path, " is of a model of another shape (", name, ")"));
        }
        value.copy_(saved);
      }
      Tensor counters, sums;
      archive.read("counters", counters);
      archive.read("sums", sums);
      progress.step = counters[0].item<int64_t>();
      progress.tokens = counters[1].item<int64_t>();
      position.pool = counters[2].item<int64_t>();
      position.shard = counters[3].item<int64_t>();
      progress.loss = sums[0].item<double>();
      progress.seconds = sums[1].item<double>();
    } catch (const std::exception& error) {  // c10::Error
      return absl::DataLossError(
          absl::StrCat(path, " is not a checkpoint of this model: ", error.what()));
    }
    return absl::OkStatus();
  }

  const TrainingOptions options;
  const TrainingText& text;
  Transformer model;
  Optimizer optimizer;
  Progress progress;
  Position position;
  bool loaded = false;  // whether `shards` are those of position.pool
  std::vector<Shard> shards;
  std::future<std::vector<Shard>> next_pool;
};

Trainer::Trainer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Trainer::~Trainer() = default;

absl::StatusOr<std::unique_ptr<Trainer>> Trainer::Create(const TransformerConfig& config,
                                                         const TrainingText& text,
                                                         const TrainingOptions& options) {
  UseOneThreadHere();
  auto state = std::make_unique<State>(
      config, text, options, options.bfloat16 ? Precision::kBfloat16 : Precision::kFloat32);
  if (!options.checkpoint.empty() && std::filesystem::exists(options.checkpoint)) {
    EB_RETURN_IF_ERROR(state->Load(options.checkpoint));
  }
  return std::unique_ptr<Trainer>(new Trainer(std::move(state)));
}

absl::StatusOr<Trainer::Progress> Trainer::Step() {
  State& state = *state_;
  const absl::Time begin = absl::Now();
  std::vector<Shard> shards;
  double total_weight = 0;
  for (int i = 0; i < state.options.shards_per_step; ++i) {
    shards.push_back(state.NextShard());
    total_weight += shards.back().weight_sum;
    state.progress.tokens += shards.back().tokens;
  }
  double norm = 0;
  double loss = 0;
  try {
    std::vector<std::future<ShardResult>> running;
    for (const Shard& shard : shards) {
      running.push_back(std::async(std::launch::async, [&state, &shard, total_weight] {
        return RunShard(state.model, shard, total_weight);
      }));
    }
    std::vector<Tensor> gradients;
    for (auto& future : running) {
      ShardResult result = future.get();
      loss += result.loss;
      if (gradients.empty()) {
        gradients = std::move(result.gradients);
      } else {
        for (size_t i = 0; i < gradients.size(); ++i) gradients[i].add_(result.gradients[i]);
      }
    }
    norm = state.optimizer.Step(gradients, RateFactor(state.options, state.progress.step));
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("torch: ", error.what()));
  }
  ++state.progress.step;
  state.progress.loss = loss;
  state.progress.gradient_norm = norm;
  state.progress.seconds += absl::ToDoubleSeconds(absl::Now() - begin);
  const bool due = state.progress.step % state.options.checkpoint_every == 0 || done();
  if (!state.options.checkpoint.empty() && due) EB_RETURN_IF_ERROR(SaveCheckpoint());
  return state.progress;
}

bool Trainer::done() const { return state_->progress.step >= state_->options.steps; }
const Trainer::Progress& Trainer::progress() const { return state_->progress; }
std::vector<NamedWeights> Trainer::Weights() const { return state_->model.ExportWeights(); }
int64_t Trainer::ParameterCount() const { return state_->model.ParameterCount(); }

absl::Status Trainer::SaveCheckpoint() const {
  std::ostringstream stream;
  try {
    torch::serialize::OutputArchive archive;
    for (const auto& [name, value] : state_->Tensors()) archive.write(name, value);
    const Progress& progress = state_->progress;
    archive.write("counters", torch::tensor({progress.step, progress.tokens, state_->position.pool,
                                             state_->position.shard},
                                            torch::kInt64));
    archive.write("sums", torch::tensor({progress.loss, progress.seconds}, torch::kFloat64));
    archive.save_to(stream);
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("torch: ", error.what()));
  }
  return WriteFileAtomically(state_->options.checkpoint, stream.str());
}

}  // namespace entrobench::policy
