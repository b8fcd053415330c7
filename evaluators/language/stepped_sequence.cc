#include "evaluators/language/stepped_sequence.h"

#include <utility>

#include "absl/strings/str_format.h"

namespace entrobench {

void Row::CopyFrom(const Row& other) {
  const auto logits = other.distribution.logits();
  own.assign(logits.begin(), logits.end());
  distribution = Distribution(own);
}

SteppedSequence::SteppedSequence(ProblemRun* problem, int lane, int prompt_tokens, int branch,
                                 Random stream)
    : problem_(problem),
      lane_(lane),
      prompt_tokens_(prompt_tokens),
      branch_(branch),
      stream_(stream),
      rng_(stream) {
  row_.seconds = &problem->usage_.seconds;
}

SteppedSequence::~SteppedSequence() {
  transcript().End(Finish::kAbandoned);
  GiveLaneBack();
}

void SteppedSequence::GiveLaneBack() {
  if (lane_ < 0) return;
  problem_->stepper_->CloseLane(lane_);
  --problem_->lanes_;
  lane_ = -1;
}

void SteppedSequence::End() {
  transcript().End(Finish::kStop);
  GiveLaneBack();
}

Task<void> SteppedSequence::RowIsThere() {
  co_await row_.ready;
  if (row_.distribution.argmax() < 0) {
    co_await problem_->FailAndWait(
        absl::InternalError("the model's logits are no numbers: there is no next token"));
  }
}

Task<void> SteppedSequence::ComputePrompt(std::vector<Token> tokens) {
  problem_->stepper_->Prefill(lane_, std::move(tokens), &row_);
  co_await RowIsThere();
}

absl::Status SteppedSequence::MayAppend(Token token) const {
  if (done()) {
    return absl::InternalError("the method appended a token to a sequence that has ended");
  }
  const int vocabulary = problem_->vocabulary_size();
  if (token < 0 || token >= vocabulary) {
    return absl::InternalError(
        absl::StrFormat("the method appended token %d; the vocabulary has %d", token, vocabulary));
  }
  return absl::OkStatus();
}

Task<void> SteppedSequence::Append(Token token) {
  const absl::Status allowed = MayAppend(token);
  if (!allowed.ok()) co_await problem_->FailAndWait(allowed);
  Transcript& said = transcript();
  said.Append(token, row_.distribution);
  if (prompt_tokens_ + said.size() > problem_->stepper_->context()) said.End(Finish::kLength);
  if (said.done()) {
    GiveLaneBack();
    co_return;
  }
  row_.ready.Close();
  problem_->stepper_->Append(lane_, token, &row_);
  co_await RowIsThere();
}

absl::StatusOr<std::unique_ptr<SteppedSequence>> SteppedSequence::Twin(int parent, int forked_at,
                                                                       Random stream) {
  auto twin = problem_->NewSequence(prompt_tokens_, parent, forked_at, transcript(), stream);
  if (!twin.ok()) return twin;
  if (done()) {
    (*twin)->GiveLaneBack();
  } else {
    problem_->stepper_->CopyLane(lane_, (*twin)->lane_);
    (*twin)->row_.CopyFrom(row_);
  }
  return twin;
}

Task<Sequence> SteppedSequence::Fork() {
  // The name of a fork is its number among this branch's, in the order of the calls.
  return ForkWith(stream_.Child(forks_++));
}

Task<Sequence> SteppedSequence::ForkWith(Random stream) {
  auto fork = Twin(branch_, transcript().size(), stream);
  if (!fork.ok()) co_await problem_->FailAndWait(fork.status());
  co_return Sequence(*std::move(fork));
}

}  // namespace entrobench
