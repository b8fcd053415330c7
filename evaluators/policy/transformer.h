// A decoder-only transformer of the Llama family in torch: RMS norms before each branch, rotary
// position embeddings on neighbouring pairs, causal attention, SwiGLU, output projection tied to
// the embedding. Computes, weight for weight, what llama.cpp computes from the file that
// model_file.h writes. Reads torch: include it from .cc files that have torch anyway.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "evaluators/policy/model_file.h"
#include "evaluators/policy/transformer_config.h"

namespace entrobench::policy {

// Of activations and matrix products. Weights, the residual stream, gradients and sums are always
// float. Bfloat16 is about four times as fast on CPUs with matrix units (AMX) and slow on those
// without bfloat16 instructions.
enum class Precision { kFloat32, kBfloat16 };

// Whether this CPU multiplies bfloat16 matrices natively.
bool HasFastBfloat16();

class Transformer {
 public:
  struct Parameter {
    std::string name;     // as in a GGUF file: "blk.0.attn_q.weight"
    torch::Tensor value;  // float, requires a gradient; matrices are [outputs, inputs]
  };

  // Random weights, the same on every machine for a seed.
  Transformer(const TransformerConfig& config, uint64_t seed,
              Precision precision = Precision::kFloat32);
  Transformer(const Transformer&) = delete;
  Transformer& operator=(const Transformer&) = delete;

  // ids: int64 [batch, length], length <= config.context_length, every row from position 0; a row's
  // padding goes at its end. Returns float [batch, length, vocabulary]: entry t is about token t
  // + 1. Differentiable.
  torch::Tensor Logits(const torch::Tensor& ids) const;

  // The sum over all positions of weight * -log p(target), differentiable, without the copy that
  // Logits makes: targets int64 and weights float, both [batch, length].
  torch::Tensor WeightedLoss(const torch::Tensor& ids, const torch::Tensor& targets,
                             const torch::Tensor& weights) const;

  const TransformerConfig& config() const { return config_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  int64_t ParameterCount() const;

  std::vector<NamedWeights> ExportWeights() const;
  // Wants exactly the tensors that ExportWeights gives.
  absl::Status ImportWeights(absl::Span<const NamedWeights> weights);

 private:
  struct Block {
    torch::Tensor attn_norm, attn_q, attn_k, attn_v, attn_output, ffn_norm, ffn_gate, ffn_up,
        ffn_down;
  };

  torch::Tensor Add(const std::string& name, std::vector<int64_t> shape);
  // The normalised last hidden state, [batch * length, width], in the activations' precision.
  torch::Tensor Hidden(const torch::Tensor& ids) const;
  torch::Tensor InPrecision(const torch::Tensor& weight) const;

  const TransformerConfig config_;
  const torch::ScalarType activation_type_;
  std::vector<Parameter> parameters_;
  torch::Tensor token_embedding_;
  std::vector<Block> blocks_;
  torch::Tensor output_norm_;
  torch::Tensor cosines_, sines_;  // [context_length, head_width / 2]
};

}  // namespace entrobench::policy
