// torch and llama.cpp compute the same logits from the same file, so that what was trained is what
// is evaluated.

#include <gtest/gtest.h>
#include <torch/torch.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/random.h"
#include "evaluators/policy/model_file.h"
#include "evaluators/policy/tokenizer.h"
#include "evaluators/policy/training_text.h"
#include "evaluators/policy/transformer.h"
#include "llama.h"

namespace entrobench::policy {
namespace {

// Logits [ids.size(), vocabulary] by llama.cpp with everything in single precision.
std::vector<float> LlamaLogits(const std::string& path, std::vector<int32_t> ids) {
  const std::unique_ptr<llama_model, decltype(&llama_model_free)> model(
      llama_model_load_from_file(path.c_str(), llama_model_default_params()), llama_model_free);
  if (model == nullptr) return {};
  llama_context_params params = llama_context_default_params();
  params.n_ctx = 512;
  params.n_batch = 512;
  params.n_ubatch = 512;
  params.n_threads = params.n_threads_batch = 1;
  params.type_k = params.type_v = GGML_TYPE_F32;
  params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
  const std::unique_ptr<llama_context, decltype(&llama_free)> context(
      llama_init_from_model(model.get(), params), llama_free);
  const auto vocab_size =
      static_cast<size_t>(llama_vocab_n_tokens(llama_model_get_vocab(model.get())));
  llama_batch batch = llama_batch_init(static_cast<int32_t>(ids.size()), 0, 1);
  for (size_t i = 0; i < ids.size(); ++i) {
    batch.token[i] = ids[i];
    batch.pos[i] = static_cast<llama_pos>(i);
    batch.n_seq_id[i] = 1;
    batch.seq_id[i][0] = 0;
    batch.logits[i] = 1;
  }
  batch.n_tokens = static_cast<int32_t>(ids.size());
  std::vector<float> logits;
  if (llama_decode(context.get(), batch) == 0) {
    for (int32_t i = 0; i < batch.n_tokens; ++i) {
      const float* row = llama_get_logits_ith(context.get(), i);
      logits.insert(logits.end(), row, row + vocab_size);
    }
  }
  llama_batch_free(batch);
  return logits;
}

// The largest difference over all positions and tokens, for the weights of `path` in single
// precision.
double LargestDifference(const std::string& path, const std::vector<int32_t>& ids) {
  auto file = ReadModelFile(path);
  if (!file.ok()) {
    ADD_FAILURE() << file.status();
    return HUGE_VAL;
  }
  // llama.cpp also rounds activations to the weights' precision: give it the same values in float.
  const std::string widened = testing::TempDir() + std::to_string(getpid()) + "parity_f32.gguf";
  EXPECT_TRUE(WriteModelFile(*file, widened, WeightFormat::kFloat32).ok());
  Transformer model(file->config, 1);
  EXPECT_TRUE(model.ImportWeights(file->weights).ok());
  const torch::NoGradGuard no_gradient;
  const std::vector<int64_t> wide(ids.begin(), ids.end());
  const auto length = static_cast<int64_t>(ids.size());
  const torch::Tensor expected = model.Logits(torch::tensor(wide, torch::kInt64).view({1, length}));
  std::vector<float> logits = LlamaLogits(widened, ids);
  if (static_cast<int64_t>(logits.size()) != expected.numel()) {
    ADD_FAILURE() << "llama.cpp gave " << logits.size() << " logits";
    return HUGE_VAL;
  }
  const torch::Tensor actual = torch::from_blob(logits.data(), expected.sizes());
  EXPECT_GT(expected.std().item<double>(), 0.1) << "nothing to compare";
  return (actual - expected).abs().max().item<double>();
}

TEST(Parity, ARandomNetworkGivesTheSameLogits) {
  ModelFile file;
  file.name = "random";
  file.vocabulary = TrainBpe({"one two one two"}, 258);
  file.config = {.vocab_size = 258, .width = 48, .layers = 3, .heads = 3, .feed_forward = 96};
  const Transformer model(file.config, 7);
  file.weights = model.ExportWeights();
  Random random(1, 2);
  for (NamedWeights& weights : file.weights) {  // norms unlike 1 and an embedding that matters
    for (float& value : weights.values) {
      value = 1.5f * value + 0.1f * static_cast<float>(random.Normal());
    }
  }
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "parity_random.gguf";
  ASSERT_TRUE(WriteModelFile(file, path).ok());
  std::vector<int32_t> ids;
  for (int i = 0; i < 200; ++i) ids.push_back(static_cast<int32_t>(random.Below(258)));
  EXPECT_LT(LargestDifference(path, ids), 1e-3);
}

class ShippedModel : public testing::TestWithParam<std::string> {};

TEST_P(ShippedModel, GivesTheSameLogits) {
  const std::string path =
      absl::StrCat(std::getenv("ENTROBENCH_SOURCE_DIR"), "/models/", GetParam(), ".gguf");
  ASSERT_TRUE(std::filesystem::exists(path)) << path;
  const auto tokenizer = Tokenizer::Load(path);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  for (uint64_t i = 0; i < 5; ++i) {
    EXPECT_LT(
        LargestDifference(path, (*tokenizer)->Encode(ExampleText(ArithProblem(Split::kTest, i)))),
        1e-3);
    EXPECT_LT(
        LargestDifference(path, (*tokenizer)->Encode(ExampleText(ContestProblem(Split::kTest, i)))),
        1e-3);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ShippedModel,
                         testing::Values("tiny-reasoner", "tiny-reasoner-mini"),
                         [](const auto& model) {
                           return model.param == "tiny-reasoner" ? std::string("TinyReasoner")
                                                                 : std::string("TinyReasonerMini");
                         });

}  // namespace
}  // namespace entrobench::policy
