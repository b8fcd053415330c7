#include "evaluators/policy/training_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/random.h"

namespace entrobench::policy {
namespace {

// Lengths are rounded up to a multiple of this: few distinct shapes, for each of which oneDNN
// generates code once.
constexpr int64_t kLengthStep = 16;

struct Example {
  std::vector<int32_t> ids;
  size_t prompt_length = 0;
};

}  // namespace

std::string PromptText(const std::string& question) {
  return absl::StrCat("Question: ", question, "\nAnswer:");
}

std::string ExampleText(const GeneratedProblem& problem) {
  return absl::StrCat(PromptText(problem.question), " ", problem.solution);
}

std::vector<Shard> TrainingText::Pool(uint64_t pool) const {
  const auto count = static_cast<uint64_t>(options_.pool_examples);
  std::vector<Example> examples;
  for (uint64_t i = 0; i < count; ++i) {
    const GeneratedProblem problem = source_(pool * count + i);
    Example example;
    example.ids = tokenizer_.Encode(ExampleText(problem));
    example.ids.push_back(tokenizer_.end_of_text());
    example.prompt_length = tokenizer_.Encode(PromptText(problem.question)).size();
    if (static_cast<int64_t>(example.ids.size()) <= options_.longest)
      examples.push_back(std::move(example));
  }
  std::stable_sort(examples.begin(), examples.end(),
                   [](const Example& a, const Example& b) { return a.ids.size() > b.ids.size(); });

  std::vector<Shard> shards;
  for (size_t next = 0; next < examples.size();) {
    Shard& shard = shards.emplace_back();
    const auto longest =
        static_cast<int64_t>(examples[next].ids.size()) - 1;  // the last token is only a target
    shard.length = (longest + kLengthStep - 1) / kLengthStep * kLengthStep;
    shard.rows = std::max<int64_t>(1, options_.shard_tokens / shard.length);
    const auto cells = static_cast<size_t>(shard.rows * shard.length);
    shard.ids.assign(cells, tokenizer_.padding());
    shard.targets.assign(cells, tokenizer_.padding());
    shard.weights.assign(cells, 0.0f);
    for (int64_t row = 0; row < shard.rows && next < examples.size(); ++row, ++next) {
      const Example& example = examples[next];
      for (size_t i = 0; i + 1 < example.ids.size(); ++i) {
        const size_t cell = static_cast<size_t>(row * shard.length) + i;
        shard.ids[cell] = example.ids[i];
        shard.targets[cell] = example.ids[i + 1];
        shard.weights[cell] = i + 1 < example.prompt_length ? options_.prompt_weight : 1.0f;
        shard.weight_sum += shard.weights[cell];
      }
      shard.tokens += static_cast<int64_t>(example.ids.size()) - 1;
    }
  }
  Random random(options_.seed, MixBits(HashBytes("training shards"), pool));
  for (size_t i = shards.size(); i > 1; --i) std::swap(shards[i - 1], shards[random.Below(i)]);
  return shards;
}

}  // namespace entrobench::policy
