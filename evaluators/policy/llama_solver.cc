#include "evaluators/policy/llama_solver.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/random.h"
#include "common/status_macros.h"
#include "evaluators/policy/tokenizer.h"
#include "evaluators/policy/training_text.h"
#include "llama.h"

namespace entrobench::policy {
namespace {

using ModelPtr = std::unique_ptr<llama_model, decltype(&llama_model_free)>;
using ContextPtr = std::unique_ptr<llama_context, decltype(&llama_free)>;

int32_t SampleToken(absl::Span<const float> logits, double temperature, Random& random) {
  const auto best = std::max_element(logits.begin(), logits.end());
  if (temperature <= 0) return static_cast<int32_t>(best - logits.begin());
  std::vector<double> weights;
  for (const float logit : logits) weights.push_back(std::exp((logit - *best) / temperature));
  double left = random.Uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
  for (size_t i = 0; i < weights.size(); ++i) {
    left -= weights[i];
    if (left < 0) return static_cast<int32_t>(i);
  }
  return static_cast<int32_t>(best - logits.begin());
}

// One sequence of the batch at work on one prompt.
struct Slot {
  size_t prompt = 0;
  std::vector<int32_t> answer;
  int32_t position = 0;    // of the next token to feed
  int32_t logits_row = 0;  // where the last decode left this slot's logits
  Random random{0, 0};
  bool busy = false;
};

void Feed(llama_batch& batch, int32_t token, int32_t position, int32_t sequence,
          bool wants_logits) {
  const int32_t row = batch.n_tokens++;
  batch.token[row] = token;
  batch.pos[row] = position;
  batch.n_seq_id[row] = 1;
  batch.seq_id[row][0] = sequence;
  batch.logits[row] = wants_logits ? 1 : 0;
}

bool IsRight(const std::string& continuation, const std::string& answer) {
  const size_t mark = continuation.rfind("####");
  return mark != std::string::npos &&
         absl::StripAsciiWhitespace(absl::string_view(continuation).substr(mark + 4)) == answer;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> Continue(const std::string& model_path,
                                                  absl::Span<const std::string> prompts,
                                                  const SolverOptions& options) {
  EB_ASSIGN_OR_RETURN(const auto tokenizer, Tokenizer::Load(model_path));
  const ModelPtr model(llama_model_load_from_file(model_path.c_str(), llama_model_default_params()),
                       llama_model_free);
  if (model == nullptr)
    return absl::InvalidArgumentError(absl::StrCat(model_path, ": llama.cpp cannot load it"));
  const int context_length = llama_model_n_ctx_train(model.get());
  llama_context_params params = llama_context_default_params();
  params.n_seq_max = static_cast<uint32_t>(options.parallel);
  params.n_ctx = static_cast<uint32_t>(options.parallel * context_length);
  params.n_batch = 4096;
  params.n_ubatch = 512;
  params.n_threads = options.threads;
  params.n_threads_batch = options.threads;
  const ContextPtr context(llama_init_from_model(model.get(), params), llama_free);
  if (context == nullptr) return absl::InternalError("llama.cpp cannot make a context");

  std::vector<std::string> continuations(prompts.size());
  std::vector<Slot> slots(static_cast<size_t>(options.parallel));
  llama_batch batch = llama_batch_init(4096, 0, 1);
  size_t next_prompt = 0;
  const auto vocab_size = static_cast<size_t>(tokenizer->size());
  for (;;) {
    batch.n_tokens = 0;
    for (size_t s = 0; s < slots.size(); ++s) {
      Slot& slot = slots[s];
      const auto sequence = static_cast<int32_t>(s);
      if (slot.busy) {
        Feed(batch, slot.answer.back(), slot.position++, sequence, true);
      } else if (next_prompt < prompts.size()) {
        slot = Slot();
        slot.prompt = next_prompt;
        slot.random = Random(options.seed, next_prompt);
        slot.busy = true;
        const std::vector<int32_t> ids = tokenizer->Encode(prompts[next_prompt++]);
        if (ids.empty() || static_cast<int>(ids.size()) + options.longest_answer > context_length ||
            batch.n_tokens + static_cast<int>(ids.size() + slots.size()) > 4096) {
          llama_batch_free(batch);
          return absl::InvalidArgumentError(
              absl::StrCat("prompt ", slot.prompt, " is empty or too long"));
        }
        llama_memory_seq_rm(llama_get_memory(context.get()), sequence, -1, -1);
        for (size_t i = 0; i < ids.size(); ++i) {
          Feed(batch, ids[i], slot.position++, sequence, i + 1 == ids.size());
        }
      } else {
        continue;
      }
      slot.logits_row = batch.n_tokens - 1;
    }
    if (batch.n_tokens == 0) break;
    if (llama_decode(context.get(), batch) != 0) {
      llama_batch_free(batch);
      return absl::InternalError("llama_decode failed");
    }
    for (Slot& slot : slots) {
      if (!slot.busy) continue;
      const float* logits = llama_get_logits_ith(context.get(), slot.logits_row);
      const int32_t token = SampleToken({logits, vocab_size}, options.temperature, slot.random);
      const bool ended = token == tokenizer->end_of_text();
      if (!ended) slot.answer.push_back(token);
      if (ended || static_cast<int>(slot.answer.size()) >= options.longest_answer) {
        continuations[slot.prompt] = tokenizer->Decode(slot.answer);
        slot.busy = false;
      }
    }
  }
  llama_batch_free(batch);
  return continuations;
}

absl::StatusOr<std::map<std::string, Score>> Solve(const std::string& model_path,
                                                   absl::Span<const GeneratedProblem> problems,
                                                   const SolverOptions& options) {
  std::vector<std::string> prompts;
  for (const GeneratedProblem& problem : problems) prompts.push_back(PromptText(problem.question));
  EB_ASSIGN_OR_RETURN(const std::vector<std::string> continuations,
                      Continue(model_path, prompts, options));
  std::map<std::string, Score> scores;
  for (size_t i = 0; i < problems.size(); ++i) {
    Score& score = scores[problems[i].group];
    ++score.total;
    if (IsRight(continuations[i], problems[i].answer)) ++score.right;
  }
  return scores;
}

}  // namespace entrobench::policy
