// A transformer, its tokenizer and its weights as one GGUF file of architecture "llama": what
// llama.cpp and every tool around it loads. Free of torch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "evaluators/policy/bpe_trainer.h"
#include "evaluators/policy/transformer_config.h"

namespace entrobench::policy {

// Row-major; shape as torch says it, outermost first (a GGUF file lists it innermost first).
struct NamedWeights {
  std::string name;  // GGUF's: "token_embd.weight", "blk.0.attn_q.weight", ...
  std::vector<int64_t> shape;
  std::vector<float> values;
};

struct ModelFile {
  std::string name;
  std::string description;
  TransformerConfig config;
  BpeVocabulary vocabulary;
  std::vector<NamedWeights> weights;  // empty: a file with the vocabulary only
};

enum class WeightFormat { kFloat32, kFloat16 };

// Replaces `path` in one rename. With kFloat16 matrices are rounded to half precision and vectors
// stay in single. Readers see the embedding as output projection too ("tied"): no "output.weight"
// is written.
absl::Status WriteModelFile(const ModelFile& model, const std::string& path,
                            WeightFormat format = WeightFormat::kFloat32);

// Reads what WriteModelFile wrote. Half precision is widened. Errors name the path and the key or
// tensor that is missing.
absl::StatusOr<ModelFile> ReadModelFile(const std::string& path);

}  // namespace entrobench::policy
