#include "evaluators/policy/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <memory>
#include <string>

#include "evaluators/policy/bpe_trainer.h"
#include "evaluators/policy/tokenizer.h"
#include "evaluators/policy/training_text.h"
#include "gguf.h"

namespace entrobench::policy {
namespace {

ModelFile VocabularyFile() {
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < 300; ++i) texts.push_back(ExampleText(ArithProblem(Split::kTrain, i)));
  ModelFile file;
  file.name = "test";
  file.description = "a vocabulary";
  file.vocabulary = TrainBpe(texts, 512);
  file.config.vocab_size = static_cast<int>(file.vocabulary.tokens.size());
  return file;
}

std::string PathFor(const std::string& name) {
  return testing::TempDir() + std::to_string(getpid()) + name;
}

TEST(ModelFile, ReadsBackWhatItWrote) {
  ModelFile file = VocabularyFile();
  file.config = {.vocab_size = file.config.vocab_size,
                 .width = 12,
                 .layers = 1,
                 .heads = 2,
                 .feed_forward = 20,
                 .rms_epsilon = 1e-6f,
                 .rope_base = 500.0f};
  file.weights = {{"output_norm.weight", {3}, {1, 2, 3.1f}},
                  {"blk.0.attn_q.weight", {2, 3}, {1, 2, 3, 4, 5, 6.1f}}};
  const std::string path = PathFor("read_back.gguf");
  ASSERT_TRUE(WriteModelFile(file, path).ok());
  const auto back = ReadModelFile(path);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->name, "test");
  EXPECT_EQ(back->config.feed_forward, 20);
  EXPECT_EQ(back->config.rope_base, 500.0f);
  EXPECT_EQ(back->vocabulary.tokens, file.vocabulary.tokens);
  EXPECT_EQ(back->vocabulary.merges, file.vocabulary.merges);
  ASSERT_EQ(back->weights.size(), 2u);
  EXPECT_EQ(back->weights[1].shape, file.weights[1].shape);
  EXPECT_EQ(back->weights[1].values, file.weights[1].values);
}

TEST(ModelFile, HalfPrecisionRoundsMatricesOnly) {
  ModelFile file = VocabularyFile();
  file.weights = {{"output_norm.weight", {2}, {1.0001f, 2}},
                  {"blk.0.attn_q.weight", {1, 2}, {1.0001f, 2}}};
  const std::string path = PathFor("half.gguf");
  ASSERT_TRUE(WriteModelFile(file, path, WeightFormat::kFloat16).ok());
  const auto back = ReadModelFile(path);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->weights[0].values[0], 1.0001f);
  EXPECT_NE(back->weights[1].values[0], 1.0001f);
  EXPECT_NEAR(back->weights[1].values[0], 1.0001f, 1e-3);
}

TEST(ModelFile, TellsLlamaCppWhatItNeeds) {
  const std::string path = PathFor("keys.gguf");
  ASSERT_TRUE(WriteModelFile(VocabularyFile(), path).ok());
  const std::unique_ptr<gguf_context, decltype(&gguf_free)> file(
      gguf_init_from_file(path.c_str(), {/*no_alloc=*/true, /*ctx=*/nullptr}), gguf_free);
  ASSERT_NE(file, nullptr);
  const auto text = [&](const char* key) {
    return std::string(gguf_get_val_str(file.get(), gguf_find_key(file.get(), key)));
  };
  EXPECT_EQ(text("general.architecture"), "llama");
  EXPECT_EQ(text("tokenizer.ggml.model"), "gpt2");
  EXPECT_EQ(text("tokenizer.ggml.pre"), "qwen2");
  EXPECT_EQ(gguf_get_val_u32(file.get(), gguf_find_key(file.get(), "llama.context_length")), 1024u);
  EXPECT_FALSE(
      gguf_get_val_bool(file.get(), gguf_find_key(file.get(), "tokenizer.ggml.add_bos_token")));
  EXPECT_EQ(gguf_find_key(file.get(), "tokenizer.chat_template"), -1);
}

TEST(ModelFile, NamesWhatIsMissing) {
  EXPECT_THAT(std::string(ReadModelFile(PathFor("absent.gguf")).status().message()),
              testing::HasSubstr("absent.gguf"));
}

TEST(Tokenizer, DecodesWhatItEncoded) {
  const std::string path = PathFor("tokenizer.gguf");
  ASSERT_TRUE(WriteModelFile(VocabularyFile(), path).ok());
  const auto tokenizer = Tokenizer::Load(path);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  for (uint64_t i = 0; i < 200; ++i) {
    const std::string arith = ExampleText(ArithProblem(Split::kTest, i));
    EXPECT_EQ((*tokenizer)->Decode((*tokenizer)->Encode(arith)), arith);
    const std::string contest = ExampleText(ContestProblem(Split::kTest, i));
    EXPECT_EQ((*tokenizer)->Decode((*tokenizer)->Encode(contest)), contest);
  }
  const std::string odd = "naïve – 50€ \t\r\n  <|endoftext|> don't";
  EXPECT_EQ((*tokenizer)->Decode((*tokenizer)->Encode(odd)), odd);
}

TEST(Tokenizer, CutsWhereTheTrainerCut) {
  // A token that crossed a word of SplitIntoWords would mean that merges were learnt on other words
  // than llama.cpp applies them to.
  const std::string path = PathFor("words.gguf");
  ASSERT_TRUE(WriteModelFile(VocabularyFile(), path).ok());
  const auto tokenizer = Tokenizer::Load(path);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  for (uint64_t i = 0; i < 200; ++i) {
    const std::string text = ExampleText(ContestProblem(Split::kTrain, i));
    std::vector<int32_t> word_by_word;
    for (const auto word : SplitIntoWords(text)) {
      for (const int32_t id : (*tokenizer)->Encode(word)) word_by_word.push_back(id);
    }
    EXPECT_EQ((*tokenizer)->Encode(text), word_by_word) << text;
  }
}

TEST(Tokenizer, EncodesDigitsOneByOneAndSpecialTokensAsText) {
  const std::string path = PathFor("digits.gguf");
  const ModelFile file = VocabularyFile();
  ASSERT_TRUE(WriteModelFile(file, path).ok());
  const auto tokenizer = Tokenizer::Load(path);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  EXPECT_EQ((*tokenizer)->Encode("2048").size(), 4u);
  EXPECT_EQ((*tokenizer)->end_of_text(), 0);
  EXPECT_EQ((*tokenizer)->padding(), 1);
  EXPECT_EQ((*tokenizer)->size(), file.config.vocab_size);
  EXPECT_THAT((*tokenizer)->Encode("<|endoftext|>"), testing::Not(testing::Contains(0)));
}

}  // namespace
}  // namespace entrobench::policy
