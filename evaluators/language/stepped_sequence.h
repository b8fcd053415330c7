// A sequence whose rows a Stepper computes.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "evaluators/language/problem_run.h"
#include "evaluators/language/sequence_state.h"
#include "evaluators/language/stepper.h"

namespace entrobench {

class SteppedSequence final : public SequenceState {
 public:
  // Takes an open lane of `problem` and gives it back when the sequence ends or is destroyed.
  // `stream` is the branch's own; forks get its children.
  SteppedSequence(ProblemRun* problem, int lane, int prompt_tokens, int branch, Random stream);
  ~SteppedSequence() override;
  SteppedSequence(const SteppedSequence&) = delete;
  SteppedSequence& operator=(const SteppedSequence&) = delete;

  bool done() const override { return transcript().done(); }
  const Distribution& distribution() const override { return row_.distribution; }
  Random& rng() override { return rng_; }
  Task<void> Append(Token token) override;
  Task<Sequence> Fork() override;
  void End() override;
  const Generation& generation() const override { return transcript().generation(); }
  int branch() const override { return branch_; }

  // Computes the prompt. Once, before all else.
  Task<void> ComputePrompt(std::vector<Token> tokens);

  // A new branch with all that this one has computed. An error when the method may hold no more.
  absl::StatusOr<std::unique_ptr<SteppedSequence>> Twin(int parent, int forked_at, Random stream);

 private:
  Transcript& transcript() const {
    return problem_->branches_[static_cast<size_t>(branch_)].transcript;
  }
  absl::Status MayAppend(Token token) const;
  Task<Sequence> ForkWith(Random stream);
  Task<void> RowIsThere();
  void GiveLaneBack();

  ProblemRun* problem_;
  int lane_;  // -1: given back
  const int prompt_tokens_;
  const int branch_;
  const Random stream_;  // the name of the branch: forks are its children
  Random rng_;           // its position
  uint64_t forks_ = 0;
  Row row_;
};

}  // namespace entrobench
