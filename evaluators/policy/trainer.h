// Supervised training of a transformer on worked solutions: a step is a few shards, run at the same
// time and summed in order, so that the weights depend on the seed only and never on the number of
// threads. Free of torch.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "evaluators/policy/model_file.h"
#include "evaluators/policy/training_text.h"
#include "evaluators/policy/transformer_config.h"

namespace entrobench::policy {

struct TrainingOptions {
  uint64_t seed = 1;
  int64_t steps = 1000;
  int shards_per_step = 2;
  bool bfloat16 = false;           // activations and products; see Precision in transformer.h
  double muon_rate = 0.02;         // of the blocks' matrices
  double adam_rate = 0.003;        // of the embedding and norms
  int64_t warm_up = 100;           // steps in which the rates rise linearly
  double decay_fraction = 0.3;     // last part of the run, in which they fall linearly to 0
  std::string checkpoint;          // file; empty: none is kept
  int64_t checkpoint_every = 200;  // steps
};

// Share of the full rates at a step: rise, stay, fall. Only the fall depends on the number of
// steps, so a run can be lengthened from a checkpoint that lies before it.
double RateFactor(const TrainingOptions& options, int64_t step);

// Whether this CPU multiplies bfloat16 matrices natively.
bool PrefersBfloat16();

class Trainer {
 public:
  struct Progress {
    int64_t step = 0;    // steps done
    int64_t tokens = 0;  // trained on, without padding, over all runs up to this checkpoint
    double loss = 0;     // of the last step, mean by weight
    double gradient_norm = 0;
    double seconds = 0;  // spent in steps, over all runs up to this checkpoint
  };

  // `text` must outlive the trainer. Continues from options.checkpoint when that file is there.
  static absl::StatusOr<std::unique_ptr<Trainer>> Create(const TransformerConfig& config,
                                                         const TrainingText& text,
                                                         const TrainingOptions& options);
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  // One step; saves a checkpoint when one is due.
  absl::StatusOr<Progress> Step();
  bool done() const;
  const Progress& progress() const;

  absl::Status SaveCheckpoint() const;  // whole or not at all: kill -9 leaves the last one
  std::vector<NamedWeights> Weights() const;
  int64_t ParameterCount() const;

 private:
  struct State;
  explicit Trainer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace entrobench::policy
