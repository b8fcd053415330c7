// Computes rows with llama.cpp: one KV stream a lane, so that a lane costs what its own tokens cost
// and is copied whole for a fork.
//
// A step is either one piece of one prompt, or one token for every sequence that waits for one. The
// two are not mixed: with streams llama.cpp splits a batch into passes of equally many tokens a
// lane, so a mixed batch would run as these two passes anyway, with more shapes of graph. A prompt
// is computed to its end before the next one begins, so problems that share a preamble find it
// there.
//
// With `deterministic`, the rows of a sequence are bit-for-bit the same in any company:
//   a stream a lane, and prompts computed alone   no other sequence stands in its attention
//   prompts cut into pieces at multiples of 64    the same pieces, however much was there before
//   no pass and no output of a single row         one row goes through other kernels: add a filler
//   no flash attention                            its path depends on how many rows there are
//   no repacked weights (set when the model is loaded)    theirs too
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evaluators/language/chat_template.h"
#include "evaluators/language/llama_batch_builder.h"
#include "evaluators/language/llama_tokenizer.h"
#include "evaluators/language/stepper.h"
#include "llama.h"

namespace entrobench {

class LlamaStepper final : public Stepper {
 public:
  struct Options {
    int context = 0;  // tokens of a lane; its stream in `context` must hold one more, for fillers
    bool deterministic = false;
    bool can_trim = true;  // whether the model's memory can drop tokens at its end
    int tokens_worth_a_copy = 1;
  };

  // `context` must outlive this; n_seq_max is the number of lanes.
  LlamaStepper(llama_context* context, const Options& options);

  // Asked while llama.cpp computes; true makes Step() return Cancelled.
  void set_cancelled(const std::function<bool()>* cancelled) { cancelled_ = cancelled; }

  const Vocabulary& vocabulary() const override { return tokenizer_; }
  int lanes() const override { return static_cast<int>(lanes_.size()); }
  int context() const override { return options_.context; }
  bool has_chat_template() const { return chat_template_.has_value(); }
  absl::StatusOr<std::vector<Token>> Tokenize(const Prompt& prompt,
                                              std::string* rendered) const override;
  int OpenLane() override;
  void CloseLane(int lane) override;
  void Prefill(int lane, std::vector<Token> tokens, Row* row) override;
  void Append(int lane, Token token, Row* row) override;
  void CopyLane(int from, int to) override;
  absl::StatusOr<bool> Step() override;

  // Forgets all tokens, after a failed or cancelled step. All lanes are closed.
  void Reset();

 private:
  struct Lane {
    bool open = false;
    int size = 0;               // tokens in the stream
    std::vector<Token> prompt;  // the first of them; stays in a closed lane, for prompts to come
    std::vector<Token> queued;  // the prompt to compute, or one token
    bool begun = false;         // the first `size` tokens of the queued prompt are in the stream
    Row* row = nullptr;         // who waits for it
    bool owed = false;          // the row is there; its gate is about to be opened
    bool lent = false;  // the row lies in llama.cpp's buffer, which the next decode overwrites
  };
  Lane& at(int lane) { return lanes_[static_cast<size_t>(lane)]; }

  absl::Status StepPrompt(int lane);
  absl::Status StepTokens();

  // Makes the lane begin with what has been computed of its queued prompt before, here or
  // elsewhere.
  void BeginPrompt(int lane);

  // A row that nobody reads, and its undoing after the decode.
  void AddFiller(int lane);
  void RemoveFiller(int lane);

  // Decodes the batch; `seconds` is what it took.
  absl::Status Decode(double* seconds);

  // Hands over the logits of row `row` of the batch.
  void Deliver(int lane, int row, double seconds);

  // Keeps what is lent and still wanted before the next decode overwrites it.
  void KeepLentRows();

  // Keeps the first `size` tokens.
  void Truncate(int lane, int size);

  llama_context* context_;
  llama_memory_t memory_;
  const Options options_;
  LlamaTokenizer tokenizer_;
  std::optional<ChatTemplate> chat_template_;
  const std::function<bool()>* cancelled_ = nullptr;
  std::vector<Lane> lanes_;
  std::deque<int> prompts_;  // lanes whose prompts wait, first come first served
  LlamaBatchBuilder batch_;
};

}  // namespace entrobench
