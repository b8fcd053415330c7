// The llama.cpp engine on the small model that comes with the project. What the rows should be is
// computed here by the plainest use of llama.cpp: one context, one sequence, one token at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "evaluators/language/fake_model.h"
#include "evaluators/language/language_model.h"
#include "evaluators/language/llama_handles.h"
#include "evaluators/language/llama_tokenizer.h"

namespace entrobench {
namespace {

using ::testing::HasSubstr;

std::string ModelPath() {
  return std::string(std::getenv("ENTROBENCH_SOURCE_DIR")) + "/models/tiny-reasoner-mini.gguf";
}

std::unique_ptr<LanguageModel> Open(bool deterministic, int max_sequences, int threads = 1) {
  ModelOptions options;
  options.deterministic = deterministic;
  options.max_sequences = max_sequences;
  options.threads = threads;
  auto model = OpenLlama(ModelPath(), options);
  EXPECT_TRUE(model.ok()) << model.status();
  return std::move(model).value();
}

Prompt Plain(std::string text) {
  Prompt prompt;
  prompt.plain = std::move(text);
  return prompt;
}

// Word problems of different lengths with a beginning in common.
std::string Question(int id) {
  std::string text =
      "Question: Ann has 3 boxes of pens. Each box has 12 pens. How many pens does Ann have?\n"
      "Answer: 3 * 12 = 36. The answer is 36.\n\nQuestion: ";
  for (int i = 0; i <= id % 5; ++i) {
    text += "Tom buys " + std::to_string(id * 7 + i) + " red apples and eats some of them. ";
  }
  return text + "How many are left?\nAnswer:";
}

// Runs bodies as problems 0, 1, ... in the order given; returns how each ended.
std::map<int, absl::Status> RunAll(LanguageModel* model, const std::vector<int>& order, int demand,
                                   const std::function<Task<void>(int, Generator&)>& body) {
  std::map<int, absl::Status> ends;
  size_t given = 0;
  const auto next = [&]() -> std::optional<Work> {
    if (given == order.size()) return std::nullopt;
    const int id = order[given++];
    Work work;
    work.rng = Random(42, static_cast<uint64_t>(id));
    work.demand = Demand(demand);
    work.max_tokens = 40;
    work.body = [&body, id](Generator& lm) { return body(id, lm); };
    work.finished = [&ends, id](const absl::Status& status, const Usage&) { ends[id] = status; };
    return work;
  };
  const absl::Status ran = model->Run(next, [] { return false; });
  EXPECT_TRUE(ran.ok()) << ran;
  return ends;
}

TEST(OpenLlama, TellsWhatTheModelIs) {
  const auto model = Open(false, 4);
  EXPECT_EQ(model->facts().description, "llama 0.3M F16");
  EXPECT_EQ(model->facts().context, 1024);
  EXPECT_GE(model->facts().vocabulary, 512);
  EXPECT_FALSE(model->facts().has_chat_template);
}

TEST(OpenLlama, RefusesWhatIsNoModel) {
  EXPECT_EQ(OpenLlama("/nowhere.gguf", ModelOptions()).status().code(),
            absl::StatusCode::kNotFound);
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "-text.gguf";
  std::ofstream(path) << "no model";
  const absl::Status status = OpenLlama(path, ModelOptions()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("invalid magic"));
}

TEST(OpenLlama, RefusesMoreCacheThanThereIsMemory) {
  ModelOptions options;
  options.max_sequences = 256;
  options.context = 1 << 30;
  EXPECT_EQ(OpenLlama(ModelPath(), options).status().code(), absl::StatusCode::kResourceExhausted);
}

// One sequence, one token at a time, nothing else in the cache.
class Plainest {
 public:
  Plainest()
      : model_(llama_model_load_from_file(ModelPath().c_str(), llama_model_default_params())) {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = 1024;
    params.n_threads = params.n_threads_batch = 1;
    context_.reset(llama_init_from_model(model_.get(), params));
  }

  std::vector<std::vector<float>> Rows(std::vector<Token> tokens) {
    llama_memory_clear(llama_get_memory(context_.get()), true);
    std::vector<std::vector<float>> rows;
    const int vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model_.get()));
    for (Token& token : tokens) {
      EXPECT_EQ(llama_decode(context_.get(), llama_batch_get_one(&token, 1)), 0);
      const float* row = llama_get_logits_ith(context_.get(), -1);
      rows.emplace_back(row, row + vocabulary);
    }
    return rows;
  }

  const llama_vocab* vocab() const { return llama_model_get_vocab(model_.get()); }

 private:
  LlamaModelPtr model_;
  LlamaContextPtr context_;
};

// The largest difference of log-probabilities.
double Difference(const Distribution& got, const std::vector<float>& expected) {
  const Distribution reference(expected);
  double most = 0;
  for (Token token = 0; token < got.size(); ++token) {
    most = std::max(most, std::abs(got.Logprob(token) - reference.Logprob(token)));
  }
  return most;
}

// Batches change the rounding of F16 arithmetic by some 1e-2; a token in the wrong place, lane or
// position changes logits by whole units.
constexpr double kRounding = 0.1;

TEST(LlamaModel, EveryRowIsWhatTheModelSaysOfThatSequenceAlone) {
  Plainest plainest;
  const LlamaTokenizer tokenizer(plainest.vocab());
  // 12 problems on 7 lanes, each with forks that live on to different lengths: lanes have holes,
  // are used again, copied, and share prefixes.
  const auto model = Open(false, 7);
  double worst = 0;
  int rows = 0;
  const auto check = [&](const Sequence& s, const std::string& prompt) {
    std::vector<Token> all = tokenizer.Tokenize(prompt, false);
    const auto& said = s.generation().tokens;
    all.insert(all.end(), said.begin(), said.end());
    worst = std::max(worst, Difference(s.distribution(), plainest.Rows(all).back()));
    ++rows;
  };
  const auto body = [&](int id, Generator& lm) -> Task<void> {
    const std::string prompt = Question(id);
    Sequence s = co_await lm.Prefill(Plain(prompt));
    check(s, prompt);
    for (int i = 0; i < 2 + id % 4 && !s.done(); ++i) {
      co_await s.Append(static_cast<Token>(100 + s.rng().Below(200)));
    }
    Sequence fork = co_await s.Fork();
    check(fork, prompt);
    for (int i = 0; i < 3 + id % 3; ++i) {
      co_await fork.Append(static_cast<Token>(100 + fork.rng().Below(200)));
    }
    check(s, prompt);  // waited while its fork went on
    co_await s.Append(77);
    check(s, prompt);
    check(fork, prompt);
  };
  std::vector<int> order(12);
  std::iota(order.begin(), order.end(), 0);
  for (const auto& [id, status] : RunAll(model.get(), order, 2, body)) {
    EXPECT_TRUE(status.ok()) << id << ": " << status;
  }
  EXPECT_EQ(rows, 12 * 5);
  EXPECT_LT(worst, kRounding);
}

// Everything that a problem saw: tokens and the bits of every row.
struct Seen {
  std::vector<Token> tokens;
  uint64_t rows = 0;

  void Add(const Distribution& row) {
    for (const float logit : row.logits()) {
      uint32_t bits = 0;
      std::memcpy(&bits, &logit, sizeof(bits));
      rows = MixBits(rows, bits);
    }
  }
  bool operator==(const Seen& other) const { return tokens == other.tokens && rows == other.rows; }
};

std::map<int, Seen> Watch(LanguageModel* model, const std::vector<int>& order) {
  std::map<int, Seen> seen;
  const auto body = [&seen](int id, Generator& lm) -> Task<void> {
    Seen& mine = seen[id];
    Sequence s = co_await lm.Prefill(Plain(Question(id)));
    mine.Add(s.distribution());
    Sequence fork = co_await s.Fork();
    const auto sample = [](Sequence& sequence) {
      double left = sequence.rng().Uniform();
      const Distribution& row = sequence.distribution();
      for (Token token = 0; token < row.size(); ++token) {
        left -= std::exp(row.Logprob(token));
        if (left < 0) return token;
      }
      return row.argmax();
    };
    while (!s.done() || !fork.done()) {
      for (Sequence* sequence : {&s, &fork}) {
        if (sequence->done()) continue;
        const Token token = sample(*sequence);
        mine.tokens.push_back(token);
        co_await sequence->Append(token);
        if (!sequence->done()) mine.Add(sequence->distribution());
      }
    }
  };
  for (const auto& [id, status] : RunAll(model, order, 2, body)) {
    EXPECT_TRUE(status.ok()) << id << ": " << status;
  }
  return seen;
}

TEST(Deterministic, TokensAndLogitsAreTheSameToTheLastBitInAnyCompany) {
  constexpr int kProblems = 16;
  std::map<int, Seen> alone;
  for (int id = 0; id < kProblems; ++id) {
    // A fresh model each time: nothing of another problem in any cache.
    const auto model = Open(true, 2);
    alone[id] = Watch(model.get(), {id}).at(id);
    EXPECT_GT(alone[id].tokens.size(), 2u);
  }
  std::vector<int> order(kProblems);
  std::iota(order.begin(), order.end(), 0);
  const auto many = Open(true, 32);
  EXPECT_EQ(Watch(many.get(), order), alone);
  // Again, where every prompt is there already; backwards, and with room for few at once.
  EXPECT_EQ(Watch(many.get(), order), alone);
  std::reverse(order.begin(), order.end());
  const auto few = Open(true, 5);
  EXPECT_EQ(Watch(few.get(), order), alone);
  const auto threads = Open(true, 32, 2);
  for (const auto& [id, seen] : Watch(threads.get(), {7, 2, 11})) EXPECT_EQ(seen, alone[id]);
}

TEST(Deterministic, GenerateManyIsAsManyGenerates) {
  const auto model = Open(true, 8);
  std::vector<std::string> many, single;
  const auto body = [&](int id, Generator& lm) -> Task<void> {
    if (id == 0) {
      std::vector<Generation> all = co_await lm.GenerateMany(Plain(Question(1)), Decoding(), 5);
      for (const Generation& generation : all) many.push_back(generation.text);
    } else {
      for (int i = 0; i < 5; ++i) {
        Generation generation = co_await lm.Generate(Plain(Question(1)), Decoding());
        single.push_back(generation.text);
      }
    }
  };
  RunAll(model.get(), {0}, 4, body);
  // The same stream for another problem id.
  Work work;
  work.rng = Random(42, 0);
  work.max_tokens = 40;
  work.body = [&body](Generator& lm) { return body(1, lm); };
  EXPECT_TRUE(RunOne(model.get(), std::move(work)).status.ok());
  EXPECT_EQ(many, single);
}

TEST(LlamaModel, APromptThatDoesNotFitFailsAlone) {
  const auto model = Open(false, 4);
  std::string endless;
  for (int i = 0; i < 300; ++i) endless += Question(i);
  const auto body = [&endless](int id, Generator& lm) -> Task<void> {
    const std::string text = id == 1 ? endless : Question(id);
    Generation generation = co_await lm.Generate(Plain(text), Decoding());
    EXPECT_FALSE(generation.tokens.empty());
  };
  const auto ends = RunAll(model.get(), {0, 1, 2}, 1, body);
  EXPECT_TRUE(ends.at(0).ok());
  EXPECT_TRUE(ends.at(2).ok());
  EXPECT_EQ(ends.at(1).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(ends.at(1).message()), HasSubstr("the model's context holds 1024"));
}

TEST(LlamaModel, AnswersGrowToTheEndOfTheContext) {
  const auto model = Open(true, 2);
  Work work;
  work.max_tokens = 100000;
  work.body = [](Generator& lm) -> Task<void> {
    Sequence s = co_await lm.Prefill(Plain(Question(0)));
    while (!s.done()) co_await s.Append(100);
  };
  const FakeOutcome outcome = RunOne(model.get(), std::move(work));
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.usage.branches.at(0).generation.finish, Finish::kLength);
  EXPECT_EQ(outcome.usage.prompt_tokens + outcome.usage.generated_tokens, 1024 + 1);
  EXPECT_GT(outcome.usage.seconds, 0);
}

TEST(LlamaModel, GoesOnAfterACancelledRun) {
  const auto model = Open(true, 4);
  std::vector<Token> first, second;
  const auto greedy = [](std::vector<Token>* tokens) {
    Work work;
    work.max_tokens = 20;
    work.body = [tokens](Generator& lm) -> Task<void> {
      Sequence s = co_await lm.Prefill(Plain(Question(3)));
      while (!s.done()) co_await s.Append(s.distribution().argmax());
      *tokens = s.generation().tokens;
    };
    work.finished = [](const absl::Status&, const Usage&) {};
    return work;
  };
  ASSERT_TRUE(RunOne(model.get(), greedy(&first)).status.ok());
  for (const int checks : {1, 2, 5, 50, 300, 1000}) {
    int left = checks;
    bool given = false;
    std::vector<Token> dropped;
    const auto next = [&]() -> std::optional<Work> {
      if (std::exchange(given, true)) return std::nullopt;
      return greedy(&dropped);
    };
    EXPECT_EQ(model->Run(next, [&left] { return --left < 0; }).code(),
              absl::StatusCode::kCancelled);
  }
  ASSERT_TRUE(RunOne(model.get(), greedy(&second)).status.ok());
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace entrobench
