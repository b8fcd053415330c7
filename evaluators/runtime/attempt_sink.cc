#include "evaluators/runtime/attempt_sink.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "evaluators/runtime/sample_payload.h"

namespace entrobench {
namespace {

// The first number of the sample that no table can hold, in words; empty when all are fine.
std::string BadNumber(const v1::SampleResult& sample) {
  if (!(sample.score() >= 0 && sample.score() <= 1)) {
    return absl::StrCat("a score of ", sample.score(), ", which is not in [0, 1]");
  }
  if (sample.has_confidence() && !(sample.confidence() >= 0 && sample.confidence() <= 1)) {
    return absl::StrCat("a confidence of ", sample.confidence(), ", which is not in [0, 1]");
  }
  if (!std::isfinite(sample.mean_entropy())) {
    return absl::StrCat("a mean entropy of ", sample.mean_entropy());
  }
  if (!std::isfinite(sample.mean_logprob())) {
    return absl::StrCat("a mean log-probability of ", sample.mean_logprob());
  }
  if (!(std::isfinite(sample.seconds()) && sample.seconds() >= 0)) {
    return absl::StrCat("a time of ", sample.seconds(), " s");
  }
  for (const auto& [name, value] : sample.metrics()) {
    if (!std::isfinite(value)) return absl::StrCat("a ", name, " of ", value);
  }
  return "";
}

// Keeps the texts, so that a person can see what went wrong, and drops the numbers.
v1::SampleResult AsError(const v1::SampleResult& sample, const std::string& error) {
  v1::SampleResult result;
  result.set_sample_id(sample.sample_id());
  result.set_group(sample.group());
  result.set_prompt_tokens(sample.prompt_tokens());
  result.set_generated_tokens(sample.generated_tokens());
  result.set_branches(sample.branches());
  result.set_error(sample.error().empty() ? error : absl::StrCat(sample.error(), "; ", error));
  if (sample.has_payload()) *result.mutable_payload() = sample.payload();
  return result;
}

}  // namespace

AttemptSink::AttemptSink(const v1::StartAttempt& start, MessageWriter* writer, CancelToken* cancel)
    : begin_(start.begin()), keep_(start.trial().keep()), writer_(writer), cancel_(cancel) {
  const uint64_t size = std::max(start.end(), start.begin()) - start.begin();
  settled_.resize(size);
  missing_ = size;
  for (const uint64_t id : start.skip()) {
    if (id < start.begin() || id >= start.end() || settled_[id - begin_]) continue;
    settled_[id - begin_] = true;
    --missing_;
  }
}

void AttemptSink::Sample(const v1::SampleResult& sample) {
  {
    MutexLock lock(&mutex_);
    const uint64_t id = sample.sample_id();
    const bool inside = id >= begin_ && id - begin_ < settled_.size();
    if (!inside || settled_[id - begin_]) {
      if (breach_.ok()) {
        breach_ = absl::InternalError(
            absl::StrCat("sample ", id, inside ? " was handed over twice" : " is not of this job"));
        cancel_->Cancel();
      }
      return;
    }
    settled_[id - begin_] = true;
    --missing_;
  }
  v1::FromEvaluator message;
  const std::string bad = BadNumber(sample);
  *message.mutable_sample() =
      bad.empty() ? sample : AsError(sample, absl::StrCat("the method reported ", bad));
  KeepOnly(keep_, message.mutable_sample());
  LimitPayload(kMaxSampleBytes, message.mutable_sample());
  writer_->Write(message);
}

void AttemptSink::Point(const v1::Point& point) {
  v1::FromEvaluator message;
  *message.mutable_point() = point;
  writer_->Write(message);
}

void AttemptSink::ModelLoaded(absl::string_view digest, absl::Duration took) {
  v1::FromEvaluator message;
  message.mutable_loaded()->set_digest(std::string(digest));
  message.mutable_loaded()->set_seconds(absl::ToDoubleSeconds(took));
  writer_->Write(message);
}

absl::Status AttemptSink::Finish(absl::Status from_family) {
  MutexLock lock(&mutex_);
  if (!breach_.ok()) return breach_;
  if (from_family.ok() && missing_ > 0) {
    return absl::InternalError(
        absl::StrCat("the attempt ended without ", missing_, " of its samples"));
  }
  return from_family;
}

}  // namespace entrobench
