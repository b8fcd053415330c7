// Problems as training text: tokenised, with loss weights, cut into shards of rows of about one
// length. Free of torch.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "evaluators/policy/tokenizer.h"
#include "evaluators/reasoning/problems/generated_problem.h"

namespace entrobench::policy {

// "Question: {question}\nAnswer:": what the suites ask a base model zero-shot, and how every
// training example begins.
std::string PromptText(const std::string& question);
// The prompt, a space, the worked solution. Training ends it with the end-of-text token.
std::string ExampleText(const GeneratedProblem& problem);

// A rectangle of tokens: one example a row from position 0, padded at its end. All arrays are
// [rows, length], row-major.
struct Shard {
  int64_t rows = 0;
  int64_t length = 0;
  std::vector<int64_t> ids;
  std::vector<int64_t> targets;  // the token after each id
  std::vector<float> weights;    // of each target in the loss; 0 on padding
  int64_t tokens = 0;            // without padding
  double weight_sum = 0;
};

class TrainingText {
 public:
  // Problem number i of the training stream.
  using ProblemSource = std::function<GeneratedProblem(uint64_t index)>;

  struct Options {
    uint64_t seed = 1;
    int pool_examples = 2048;     // sorted by length together
    int64_t shard_tokens = 4096;  // rows * length of a shard, at most
    int64_t longest = 1024;       // longer examples are left out
    float prompt_weight =
        0.1f;  // the question's numbers cannot be guessed: little is learnt from them
  };

  // `tokenizer` must outlive this.
  TrainingText(const Tokenizer& tokenizer, ProblemSource source, const Options& options)
      : tokenizer_(tokenizer), source_(std::move(source)), options_(options) {}

  // Problems pool * pool_examples and following, as shards in random order. A pure function of
  // `pool` and the options, so a resumed run continues with the very same shards. Safe to call from
  // several threads.
  std::vector<Shard> Pool(uint64_t pool) const;

 private:
  const Tokenizer& tokenizer_;
  const ProblemSource source_;
  const Options options_;
};

}  // namespace entrobench::policy
