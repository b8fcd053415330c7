#include "evaluators/policy/model_file.h"

#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "ggml.h"
#include "gguf.h"

namespace entrobench::policy {
namespace {

using GgufPtr = std::unique_ptr<gguf_context, decltype(&gguf_free)>;
using GgmlPtr = std::unique_ptr<ggml_context, decltype(&ggml_free)>;

// llama_token_type in llama.cpp, as the file stores it.
constexpr int32_t kNormalToken = 1;
constexpr int32_t kControlToken = 3;

constexpr char kArchitecture[] = "llama";

void SetStrings(gguf_context* file, const char* key, const std::vector<std::string>& strings) {
  std::vector<const char*> pointers;
  for (const std::string& text : strings) pointers.push_back(text.c_str());
  gguf_set_arr_str(file, key, pointers.data(), pointers.size());
}

void SetMetadata(gguf_context* file, const ModelFile& model, WeightFormat format) {
  const TransformerConfig& config = model.config;
  const auto count = [](int value) { return static_cast<uint32_t>(value); };
  gguf_set_val_str(file, "general.architecture", kArchitecture);
  gguf_set_val_str(file, "general.type", "model");
  gguf_set_val_str(file, "general.name", model.name.c_str());
  gguf_set_val_str(file, "general.description", model.description.c_str());
  gguf_set_val_str(file, "general.license", "apache-2.0");
  gguf_set_val_u32(file, "general.file_type", format == WeightFormat::kFloat16 ? 1 : 0);
  gguf_set_val_u32(file, "general.quantization_version", GGML_QNT_VERSION);

  gguf_set_val_u32(file, "llama.vocab_size", count(config.vocab_size));
  gguf_set_val_u32(file, "llama.context_length", count(config.context_length));
  gguf_set_val_u32(file, "llama.embedding_length", count(config.width));
  gguf_set_val_u32(file, "llama.block_count", count(config.layers));
  gguf_set_val_u32(file, "llama.feed_forward_length", count(config.feed_forward));
  gguf_set_val_u32(file, "llama.attention.head_count", count(config.heads));
  gguf_set_val_u32(file, "llama.attention.head_count_kv", count(config.heads));
  gguf_set_val_f32(file, "llama.attention.layer_norm_rms_epsilon", config.rms_epsilon);
  gguf_set_val_u32(file, "llama.rope.dimension_count", count(config.head_width()));
  gguf_set_val_f32(file, "llama.rope.freq_base", config.rope_base);

  const BpeVocabulary& vocabulary = model.vocabulary;
  gguf_set_val_str(file, "tokenizer.ggml.model", "gpt2");
  gguf_set_val_str(file, "tokenizer.ggml.pre", "qwen2");
  SetStrings(file, "tokenizer.ggml.tokens", vocabulary.tokens);
  std::vector<int32_t> types(vocabulary.tokens.size(), kNormalToken);
  types[static_cast<size_t>(vocabulary.end_of_text)] = kControlToken;
  types[static_cast<size_t>(vocabulary.padding)] = kControlToken;
  gguf_set_arr_data(file, "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types.data(), types.size());
  SetStrings(file, "tokenizer.ggml.merges", vocabulary.merges);
  // Without the first, llama.cpp would take GPT-2's id 11 for the beginning of text.
  gguf_set_val_u32(file, "tokenizer.ggml.bos_token_id", count(vocabulary.end_of_text));
  gguf_set_val_u32(file, "tokenizer.ggml.eos_token_id", count(vocabulary.end_of_text));
  gguf_set_val_u32(file, "tokenizer.ggml.padding_token_id", count(vocabulary.padding));
  gguf_set_val_bool(file, "tokenizer.ggml.add_bos_token", false);
  gguf_set_val_bool(file, "tokenizer.ggml.add_eos_token", false);
}

absl::Status AddWeights(ggml_context* arena, gguf_context* file, const NamedWeights& weights,
                        WeightFormat format) {
  const int dimensions = static_cast<int>(weights.shape.size());
  const std::vector<int64_t> innermost_first(weights.shape.rbegin(), weights.shape.rend());
  const int64_t elements =
      std::accumulate(weights.shape.begin(), weights.shape.end(), int64_t{1}, std::multiplies<>());
  if (elements != static_cast<int64_t>(weights.values.size())) {
    return absl::InvalidArgumentError(absl::StrCat("tensor ", weights.name, " has ",
                                                   weights.values.size(),
                                                   " values where its shape wants ", elements));
  }
  const bool half = format == WeightFormat::kFloat16 && dimensions > 1;
  ggml_tensor* tensor = ggml_new_tensor(arena, half ? GGML_TYPE_F16 : GGML_TYPE_F32, dimensions,
                                        innermost_first.data());
  ggml_set_name(tensor, weights.name.c_str());
  if (half) {
    ggml_fp32_to_fp16_row(weights.values.data(), static_cast<ggml_fp16_t*>(tensor->data), elements);
  } else {
    std::memcpy(tensor->data, weights.values.data(), weights.values.size() * sizeof(float));
  }
  gguf_add_tensor(file, tensor);
  return absl::OkStatus();
}

// Typed look-ups that answer with an error instead of aborting.
class Metadata {
 public:
  Metadata(const gguf_context* file, std::string path) : file_(file), path_(std::move(path)) {}

  absl::StatusOr<int> Integer(const char* key) const {
    EB_ASSIGN_OR_RETURN(const int64_t id, Find(key, GGUF_TYPE_UINT32));
    return static_cast<int>(gguf_get_val_u32(file_, id));
  }
  absl::StatusOr<float> Real(const char* key) const {
    EB_ASSIGN_OR_RETURN(const int64_t id, Find(key, GGUF_TYPE_FLOAT32));
    return gguf_get_val_f32(file_, id);
  }
  absl::StatusOr<std::string> Text(const char* key) const {
    EB_ASSIGN_OR_RETURN(const int64_t id, Find(key, GGUF_TYPE_STRING));
    return std::string(gguf_get_val_str(file_, id));
  }
  absl::StatusOr<std::vector<std::string>> Strings(const char* key) const {
    EB_ASSIGN_OR_RETURN(const int64_t id, Find(key, GGUF_TYPE_ARRAY));
    if (gguf_get_arr_type(file_, id) != GGUF_TYPE_STRING) return WrongType(key);
    std::vector<std::string> strings(gguf_get_arr_n(file_, id));
    for (size_t i = 0; i < strings.size(); ++i) strings[i] = gguf_get_arr_str(file_, id, i);
    return strings;
  }

 private:
  absl::StatusOr<int64_t> Find(const char* key, gguf_type type) const {
    const int64_t id = gguf_find_key(file_, key);
    if (id < 0) return absl::NotFoundError(absl::StrCat(path_, ": no key ", key));
    if (gguf_get_kv_type(file_, id) != type) return WrongType(key);
    return id;
  }
  absl::Status WrongType(const char* key) const {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": key ", key, " has another type than expected"));
  }

  const gguf_context* file_;
  std::string path_;
};

absl::Status ReadMetadata(const Metadata& metadata, const std::string& path, ModelFile& model) {
  EB_ASSIGN_OR_RETURN(const std::string architecture, metadata.Text("general.architecture"));
  if (architecture != kArchitecture) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": architecture ", architecture, " where llama is expected"));
  }
  EB_ASSIGN_OR_RETURN(model.name, metadata.Text("general.name"));
  EB_ASSIGN_OR_RETURN(model.description, metadata.Text("general.description"));
  TransformerConfig& config = model.config;
  EB_ASSIGN_OR_RETURN(config.vocab_size, metadata.Integer("llama.vocab_size"));
  EB_ASSIGN_OR_RETURN(config.context_length, metadata.Integer("llama.context_length"));
  EB_ASSIGN_OR_RETURN(config.width, metadata.Integer("llama.embedding_length"));
  EB_ASSIGN_OR_RETURN(config.layers, metadata.Integer("llama.block_count"));
  EB_ASSIGN_OR_RETURN(config.heads, metadata.Integer("llama.attention.head_count"));
  EB_ASSIGN_OR_RETURN(const int key_heads, metadata.Integer("llama.attention.head_count_kv"));
  if (key_heads != config.heads) {
    return absl::UnimplementedError(
        absl::StrCat(path, ": grouped-query attention is not supported here"));
  }
  EB_ASSIGN_OR_RETURN(config.feed_forward, metadata.Integer("llama.feed_forward_length"));
  EB_ASSIGN_OR_RETURN(config.rms_epsilon, metadata.Real("llama.attention.layer_norm_rms_epsilon"));
  EB_ASSIGN_OR_RETURN(config.rope_base, metadata.Real("llama.rope.freq_base"));
  EB_ASSIGN_OR_RETURN(model.vocabulary.tokens, metadata.Strings("tokenizer.ggml.tokens"));
  EB_ASSIGN_OR_RETURN(model.vocabulary.merges, metadata.Strings("tokenizer.ggml.merges"));
  EB_ASSIGN_OR_RETURN(model.vocabulary.end_of_text,
                      metadata.Integer("tokenizer.ggml.eos_token_id"));
  EB_ASSIGN_OR_RETURN(model.vocabulary.padding,
                      metadata.Integer("tokenizer.ggml.padding_token_id"));
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteModelFile(const ModelFile& model, const std::string& path, WeightFormat format) {
  const GgufPtr file(gguf_init_empty(), gguf_free);
  SetMetadata(file.get(), model, format);
  size_t arena_bytes = 1 << 16;
  for (const NamedWeights& weights : model.weights) {
    arena_bytes += weights.values.size() * sizeof(float) + ggml_tensor_overhead() + 64;
  }
  const GgmlPtr arena(ggml_init({arena_bytes, nullptr, false}), ggml_free);
  for (const NamedWeights& weights : model.weights) {
    EB_RETURN_IF_ERROR(AddWeights(arena.get(), file.get(), weights, format));
  }
  const std::string temporary = absl::StrCat(path, ".tmp");
  if (!gguf_write_to_file(file.get(), temporary.c_str(), /*only_meta=*/false) ||
      std::rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

absl::StatusOr<ModelFile> ReadModelFile(const std::string& path) {
  ggml_context* arena_pointer = nullptr;
  const GgufPtr file(gguf_init_from_file(path.c_str(), {/*no_alloc=*/false, &arena_pointer}),
                     gguf_free);
  if (file == nullptr) return absl::NotFoundError(absl::StrCat(path, ": not a readable GGUF file"));
  const GgmlPtr arena(arena_pointer, ggml_free);
  ModelFile model;
  EB_RETURN_IF_ERROR(ReadMetadata(Metadata(file.get(), path), path, model));
  for (int64_t i = 0; i < gguf_get_n_tensors(file.get()); ++i) {
    const ggml_tensor* tensor = ggml_get_tensor(arena.get(), gguf_get_tensor_name(file.get(), i));
    NamedWeights& weights = model.weights.emplace_back();
    weights.name = ggml_get_name(tensor);
    for (int d = ggml_n_dims(tensor) - 1; d >= 0; --d) weights.shape.push_back(tensor->ne[d]);
    weights.values.resize(static_cast<size_t>(ggml_nelements(tensor)));
    if (tensor->type == GGML_TYPE_F16) {
      ggml_fp16_to_fp32_row(static_cast<const ggml_fp16_t*>(tensor->data), weights.values.data(),
                            ggml_nelements(tensor));
    } else if (tensor->type == GGML_TYPE_F32) {
      std::memcpy(weights.values.data(), tensor->data, weights.values.size() * sizeof(float));
    } else {
      return absl::UnimplementedError(absl::StrCat(path, ": tensor ", weights.name, " has type ",
                                                   ggml_type_name(tensor->type)));
    }
  }
  return model;
}

}  // namespace entrobench::policy
