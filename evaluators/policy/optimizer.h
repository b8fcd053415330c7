// Muon for the matrices inside the blocks, AdamW for the embedding and the norms. Reads torch.
//
// Muon (K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024):
// momentum m = beta m + (1 - beta) g, Nesterov's look-ahead, then the step is the nearest
// semi-orthogonal matrix to it, found by five Newton-Schulz steps of the quintic 3.4445 x - 4.7750
// x^3 + 2.0315 x^5, times sqrt(max(1, rows / columns)). AdamW: I. Loshchilov and F. Hutter,
// "Decoupled Weight Decay Regularization", ICLR 2019.
#pragma once

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "evaluators/policy/transformer.h"

namespace entrobench::policy {

struct OptimizerOptions {
  double muon_rate = 0.02;
  double muon_momentum = 0.95;
  double adam_rate = 0.003;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.98;
  double weight_decay = 0.01;  // per unit of rate; not on norms
  double clip_norm = 1.0;      // of all gradients together
};

class Optimizer {
 public:
  // Holds references to the model's tensors: `model` keeps its weights there and must outlive this.
  Optimizer(const Transformer& model, const OptimizerOptions& options, Precision precision);

  // One step with every rate times `rate_factor`. Gradients in the order of model.parameters().
  // Returns their norm before clipping.
  double Step(absl::Span<const torch::Tensor> gradients, double rate_factor);

  // Named tensors to save and to fill in again; empty names never occur. They are references:
  // copying into them loads.
  std::vector<std::pair<std::string, torch::Tensor>> State() const;

 private:
  struct Slot {
    std::string name;
    torch::Tensor value;
    bool muon;
    torch::Tensor first;   // momentum
    torch::Tensor second;  // AdamW's squares; undefined for Muon
  };

  void StepMuon(absl::Span<const torch::Tensor> gradients, double clip, double rate_factor);
  void StepAdam(Slot& slot, const torch::Tensor& gradient, double rate_factor);

  const OptimizerOptions options_;
  const torch::ScalarType product_type_;  // of the Newton-Schulz products
  std::vector<Slot> slots_;
  torch::Tensor steps_;  // int64 scalar: AdamW's bias correction
};

// The nearest semi-orthogonal matrices to a stack [count, rows, columns] with rows <= columns,
// roughly: singular values come out between 0.7 and 1.2. Exposed for its test.
torch::Tensor Orthogonalized(const torch::Tensor& stack, torch::ScalarType product_type);

}  // namespace entrobench::policy
