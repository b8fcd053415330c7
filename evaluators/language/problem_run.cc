#include "evaluators/language/problem_run.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status_macros.h"
#include "evaluators/language/decoding.h"
#include "evaluators/language/stepped_sequence.h"

namespace entrobench {

ProblemRun::ProblemRun(Work work, Stepper* stepper)
    : work_(std::move(work)), stepper_(stepper), stop_(work_.stop) {}

ProblemRun::~ProblemRun() = default;

void ProblemRun::Start() {
  root_.emplace(work_.body(*this));
  root_->Start();
}

void ProblemRun::Fail(absl::Status status) {
  if (failure_.ok()) failure_ = std::move(status);
}

Task<void> ProblemRun::FailAndWait(absl::Status status) {
  Fail(std::move(status));
  Gate never;
  co_await never;
}

void ProblemRun::Finish() {
  absl::Status status = failure_;
  if (status.ok()) {
    try {
      root_->Take();
    } catch (const std::exception& error) {
      status = absl::InternalError(absl::StrCat("the method threw: ", error.what()));
    }
  }
  root_.reset();
  work_.finished(status, MakeUsage());
}

Usage ProblemRun::MakeUsage() {
  for (const Branch& branch : branches_) {
    BranchRecord& record = usage_.branches.emplace_back();
    record.index = static_cast<int>(usage_.branches.size()) - 1;
    record.parent = branch.parent;
    record.forked_at = branch.forked_at;
    branch.transcript.Describe(&record);
    usage_.generated_tokens += branch.transcript.size() - branch.forked_at;
  }
  return std::move(usage_);
}

absl::StatusOr<std::unique_ptr<SteppedSequence>> ProblemRun::NewSequence(int prompt_tokens,
                                                                         int parent, int forked_at,
                                                                         Transcript transcript,
                                                                         Random stream) {
  if (lanes_ >= work_.demand.branches) {
    return absl::InternalError(absl::StrFormat(
        "the method holds more sequences at once than the %d that it declared (WorstCase)",
        work_.demand.branches));
  }
  ++lanes_;
  const int index = static_cast<int>(branches_.size());
  branches_.emplace_back(parent, forked_at, std::move(transcript));
  return std::make_unique<SteppedSequence>(this, stepper_->OpenLane(), prompt_tokens, index,
                                           stream);
}

absl::StatusOr<std::vector<Token>> ProblemRun::PromptTokens(const Prompt& prompt) {
  std::string rendered;
  EB_ASSIGN_OR_RETURN(std::vector<Token> tokens, stepper_->Tokenize(prompt, &rendered));
  if (usage_.rendered_prompt.empty()) usage_.rendered_prompt = std::move(rendered);
  const int size = static_cast<int>(tokens.size());
  if (size > stepper_->context()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "the prompt has %d tokens, with up to %d more to follow; the model's context holds %d",
        size, work_.max_tokens, stepper_->context()));
  }
  usage_.prompt_tokens += size;
  return tokens;
}

Task<std::vector<Sequence>> ProblemRun::PrefillMany(Prompt prompt, uint64_t stream, int count,
                                                    int max_tokens) {
  absl::StatusOr<std::vector<Token>> tokens = PromptTokens(prompt);
  if (!tokens.ok()) co_await FailAndWait(tokens.status());
  const int size = static_cast<int>(tokens->size());
  const Transcript empty(&stepper_->vocabulary(), &stop_, max_tokens, work_.keep_top);
  auto first = NewSequence(size, -1, 0, empty, work_.rng.Child(stream));
  if (!first.ok()) co_await FailAndWait(first.status());
  co_await (*first)->ComputePrompt(*std::move(tokens));

  std::vector<Sequence> sequences;
  for (int i = 1; i < count; ++i) {
    auto twin = (*first)->Twin(-1, 0, work_.rng.Child(stream + static_cast<uint64_t>(i)));
    if (!twin.ok()) co_await FailAndWait(twin.status());
    sequences.emplace_back(*std::move(twin));
  }
  sequences.insert(sequences.begin(), Sequence(*std::move(first)));
  co_return sequences;
}

int ProblemRun::LimitOf(const Decoding& decoding) const {
  return decoding.max_tokens > 0 ? std::min(decoding.max_tokens, work_.max_tokens)
                                 : work_.max_tokens;
}

Task<Sequence> ProblemRun::PrefillOne(Prompt prompt, uint64_t stream) {
  std::vector<Sequence> one = co_await PrefillMany(std::move(prompt), stream, 1, work_.max_tokens);
  co_return std::move(one[0]);
}

Task<Generation> ProblemRun::GenerateOne(Prompt prompt, uint64_t stream, Decoding decoding) {
  std::vector<Sequence> one = co_await PrefillMany(std::move(prompt), stream, 1, LimitOf(decoding));
  co_return co_await DecodeToEnd(std::move(one[0]), decoding);
}

Task<std::vector<Generation>> ProblemRun::GenerateInWaves(Prompt prompt, uint64_t stream,
                                                          Decoding decoding, int count) {
  std::vector<Generation> all;
  while (static_cast<int>(all.size()) < count) {
    const int left = count - static_cast<int>(all.size());
    const int wave = std::max(1, std::min(left, work_.demand.branches - lanes_));
    std::vector<Sequence> sequences =
        co_await PrefillMany(prompt, stream + all.size(), wave, LimitOf(decoding));
    std::vector<Task<Generation>> tasks;
    for (Sequence& sequence : sequences) {
      tasks.push_back(DecodeToEnd(std::move(sequence), decoding));
    }
    std::vector<Generation> made = co_await WhenAll(std::move(tasks));
    for (Generation& generation : made) all.push_back(std::move(generation));
  }
  co_return all;
}

Task<Sequence> ProblemRun::Prefill(const Prompt& prompt) { return PrefillOne(prompt, streams_++); }

Task<Generation> ProblemRun::Generate(const Prompt& prompt, const Decoding& decoding) {
  return GenerateOne(prompt, streams_++, decoding);
}

Task<std::vector<Generation>> ProblemRun::GenerateMany(const Prompt& prompt,
                                                       const Decoding& decoding, int count) {
  const uint64_t first = streams_;
  streams_ += static_cast<uint64_t>(std::max(0, count));
  return GenerateInWaves(prompt, first, decoding, count);
}

}  // namespace entrobench
