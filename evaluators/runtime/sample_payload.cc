#include "evaluators/runtime/sample_payload.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace entrobench {
namespace {

void AddRemark(absl::string_view remark, v1::SamplePayload* payload) {
  absl::StrAppend(payload->mutable_judgement(), payload->judgement().empty() ? "" : " ", remark);
}

}  // namespace

void KeepOnly(v1::Keep keep, v1::SampleResult* sample) {
  if (!sample->has_payload()) return;
  if (keep == v1::KEEP_NUMBERS) {
    sample->clear_payload();
  } else if (keep == v1::KEEP_TEXT) {
    for (v1::Branch& branch : *sample->mutable_payload()->mutable_branches()) branch.clear_tokens();
  }
}

void LimitPayload(size_t max_bytes, v1::SampleResult* sample) {
  const auto fits = [&] { return sample->ByteSizeLong() <= max_bytes; };
  if (!sample->has_payload() || fits()) return;
  v1::SamplePayload* payload = sample->mutable_payload();
  for (v1::Branch& branch : *payload->mutable_branches()) {
    if (branch.has_tokens()) branch.mutable_tokens()->clear_top();
  }
  AddRemark("(Alternatives of tokens were too large to keep.)", payload);
  if (fits()) return;
  for (v1::Branch& branch : *payload->mutable_branches()) branch.clear_tokens();
  AddRemark("(Token traces were too large to keep.)", payload);
  if (fits()) return;
  sample->clear_payload();
  AddRemark("(The texts were too large to keep.)", sample->mutable_payload());
}

}  // namespace entrobench
