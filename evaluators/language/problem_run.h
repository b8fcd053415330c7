// One problem in flight: its coroutine, the Generator that it talks to, and the record of all its
// branches.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "evaluators/language/language_model.h"
#include "evaluators/language/stepper.h"
#include "evaluators/language/stop_strings.h"
#include "evaluators/language/transcript.h"

namespace entrobench {

class SteppedSequence;

class ProblemRun final : public Generator {
 public:
  // `stepper` outlives this.
  ProblemRun(Work work, Stepper* stepper);
  ~ProblemRun() override;
  ProblemRun(const ProblemRun&) = delete;
  ProblemRun& operator=(const ProblemRun&) = delete;

  // Runs the coroutine up to its first wait.
  void Start();

  // True when the coroutine has ended or the problem has failed.
  bool ended() const { return !failure_.ok() || root_->done(); }

  // Destroys the coroutine and tells work.finished how it ended. Once, when ended().
  void Finish();

  const Demand& demand() const { return work_.demand; }

  // The first failure counts. The coroutine is not resumed after it.
  void Fail(absl::Status status);

  // Fails the problem; whoever awaits this waits until the coroutine is destroyed.
  Task<void> FailAndWait(absl::Status status);

  // Generator. Each call takes the next streams of the problem, `count` of them for GenerateMany:
  // so GenerateMany(p, d, n) draws the same as n calls of Generate(p, d).
  Task<Sequence> Prefill(const Prompt& prompt) override;
  Task<Generation> Generate(const Prompt& prompt, const Decoding& decoding) override;
  Task<std::vector<Generation>> GenerateMany(const Prompt& prompt, const Decoding& decoding,
                                             int count) override;
  std::string TokenText(Token token) const override { return stepper_->vocabulary().Piece(token); }
  int vocabulary_size() const override { return stepper_->vocabulary().size(); }

 private:
  friend class SteppedSequence;

  struct Branch {
    Branch(int p, int at, Transcript t) : parent(p), forked_at(at), transcript(std::move(t)) {}
    int parent;
    int forked_at;
    Transcript transcript;
  };

  // `count` sequences that stand behind the same prompt, which is computed once, with the streams
  // from `stream` on.
  Task<std::vector<Sequence>> PrefillMany(Prompt prompt, uint64_t stream, int count,
                                          int max_tokens);
  Task<Sequence> PrefillOne(Prompt prompt, uint64_t stream);
  Task<Generation> GenerateOne(Prompt prompt, uint64_t stream, Decoding decoding);
  Task<std::vector<Generation>> GenerateInWaves(Prompt prompt, uint64_t stream, Decoding decoding,
                                                int count);

  // Tokens of a prompt that fits the context.
  absl::StatusOr<std::vector<Token>> PromptTokens(const Prompt& prompt);

  int LimitOf(const Decoding& decoding) const;

  // A new branch with an open lane. An error when the method holds all the sequences that it
  // declared.
  absl::StatusOr<std::unique_ptr<SteppedSequence>> NewSequence(int prompt_tokens, int parent,
                                                               int forked_at, Transcript transcript,
                                                               Random stream);

  Usage MakeUsage();

  Work work_;
  Stepper* stepper_;
  StopStrings stop_;
  uint64_t streams_ = 0;  // given out so far
  int lanes_ = 0;         // open now
  Usage usage_;
  std::deque<Branch> branches_;  // stable addresses
  absl::Status failure_;
  std::optional<Task<void>> root_;
};

}  // namespace entrobench
