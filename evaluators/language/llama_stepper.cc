#include "evaluators/language/llama_stepper.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_format.h"
#include "common/logging.h"
#include "common/status_macros.h"
#include "evaluators/language/batch_plan.h"
#include "evaluators/language/llama_errors.h"
#include "evaluators/language/prefix_source.h"

namespace entrobench {
namespace {

// Where deterministic prompts are cut.
constexpr int kPiece = 64;

}  // namespace

LlamaStepper::LlamaStepper(llama_context* context, const Options& options)
    : context_(context),
      memory_(llama_get_memory(context)),
      options_(options),
      tokenizer_(llama_model_get_vocab(llama_get_model(context))),
      chat_template_(ChatTemplate::Of(llama_get_model(context))),
      lanes_(llama_n_seq_max(context)),
      batch_(static_cast<int>(llama_n_batch(context))) {
  const auto stop = [](void* self) {
    const auto* cancelled = static_cast<LlamaStepper*>(self)->cancelled_;
    return cancelled != nullptr && (*cancelled)();
  };
  llama_set_abort_callback(context_, stop, this);
}

absl::StatusOr<std::vector<Token>> LlamaStepper::Tokenize(const Prompt& prompt,
                                                          std::string* rendered) const {
  const bool as_chat = chat_template_.has_value() && !prompt.messages.empty();
  *rendered = as_chat ? chat_template_->Render(prompt.messages) : prompt.plain;
  std::vector<Token> tokens = tokenizer_.Tokenize(*rendered, as_chat);
  if (tokens.empty()) {
    return absl::InvalidArgumentError(
        "the prompt is empty: the model has no chat template and there is no plain form");
  }
  return tokens;
}

int LlamaStepper::OpenLane() {
  // The lowest free one: lanes in use stay neighbours.
  for (int lane = 0; lane < lanes(); ++lane) {
    if (at(lane).open) continue;
    at(lane).open = true;
    return lane;
  }
  EB_LOG(ERROR) << "more lanes opened than there are";
  std::abort();
}

void LlamaStepper::CloseLane(int lane) {
  prompts_.erase(std::remove(prompts_.begin(), prompts_.end(), lane), prompts_.end());
  Lane& self = at(lane);
  self.open = self.begun = self.owed = self.lent = false;
  self.queued.clear();
  self.row = nullptr;
  Truncate(lane, options_.can_trim ? static_cast<int>(self.prompt.size()) : 0);
}

void LlamaStepper::Truncate(int lane, int size) {
  if (at(lane).size > size) llama_memory_seq_rm(memory_, lane, size == 0 ? -1 : size, -1);
  at(lane).size = std::min(at(lane).size, size);
  if (static_cast<int>(at(lane).prompt.size()) > size) {
    at(lane).prompt.resize(static_cast<size_t>(size));
  }
}

void LlamaStepper::Prefill(int lane, std::vector<Token> tokens, Row* row) {
  at(lane).queued = std::move(tokens);
  at(lane).row = row;
  prompts_.push_back(lane);
}

void LlamaStepper::Append(int lane, Token token, Row* row) {
  at(lane).queued.assign(1, token);
  at(lane).row = row;
  at(lane).lent = false;
}

void LlamaStepper::CopyLane(int from, int to) {
  llama_memory_seq_cp(memory_, from, to, -1, -1);
  at(to).size = at(from).size;
  at(to).prompt = at(from).prompt;
}

absl::StatusOr<bool> LlamaStepper::Step() {
  if (!prompts_.empty()) {
    EB_RETURN_IF_ERROR(StepPrompt(prompts_.front()));
    return true;
  }
  const auto waits = [](const Lane& lane) { return !lane.queued.empty(); };
  if (std::none_of(lanes_.begin(), lanes_.end(), waits)) return false;
  EB_RETURN_IF_ERROR(StepTokens());
  return true;
}

void LlamaStepper::BeginPrompt(int lane) {
  PrefixSource source{lane, 0};
  if (options_.can_trim) {
    std::vector<absl::Span<const Token>> held;
    for (const Lane& other : lanes_) held.emplace_back(other.prompt);
    source = FindPrefix(held, lane, at(lane).queued, options_.deterministic ? kPiece : 1,
                        options_.tokens_worth_a_copy);
  }
  if (source.lane != lane) CopyLane(source.lane, lane);
  Truncate(lane, source.tokens);
  at(lane).begun = true;
}

absl::Status LlamaStepper::StepPrompt(int lane) {
  Lane& self = at(lane);
  if (!self.begun) BeginPrompt(lane);
  const int begin = self.size, total = static_cast<int>(self.queued.size());
  const int most = options_.deterministic ? kPiece : static_cast<int>(llama_n_batch(context_));
  const int end = std::min(total, begin + most);

  // Neither a pass nor an output of a single row; see the header.
  const bool alone = options_.deterministic && end - begin == 1;
  const int filler = lane + 1 < lanes() ? lane + 1 : lane - 1;
  const int first_output = options_.deterministic ? total - 2 : total - 1;
  batch_.Clear();
  if (alone && filler < lane) AddFiller(filler);
  int last = 0;
  for (int i = begin; i < end; ++i) {
    last =
        batch_.Add(self.queued[static_cast<size_t>(i)], i, lane, end == total && i >= first_output);
  }
  if (alone && filler > lane) AddFiller(filler);
  double seconds = 0;
  EB_RETURN_IF_ERROR(Decode(&seconds));
  if (alone) RemoveFiller(filler);

  self.size = end;
  self.prompt.assign(self.queued.begin(), self.queued.begin() + end);
  if (end < total) {
    *self.row->seconds += seconds;
    return absl::OkStatus();
  }
  prompts_.pop_front();
  self.begun = false;
  Deliver(lane, last, seconds);
  self.owed = false;
  self.row->ready.Open();
  return absl::OkStatus();
}

absl::Status LlamaStepper::StepTokens() {
  std::vector<int> wanted;
  for (int lane = 0; lane < lanes(); ++lane) {
    if (!at(lane).queued.empty()) wanted.push_back(lane);
  }
  std::vector<PlannedRow> rows;
  if (options_.can_trim) {
    rows = PlanRows(wanted, lanes(), options_.deterministic);
  } else {
    for (const int lane : wanted) rows.push_back({lane, false});
  }

  batch_.Clear();
  for (const PlannedRow& row : rows) {
    if (row.filler) {
      AddFiller(row.lane);
    } else {
      batch_.Add(at(row.lane).queued[0], at(row.lane).size, row.lane, true);
    }
  }
  double seconds = 0;
  EB_RETURN_IF_ERROR(Decode(&seconds));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].filler) {
      RemoveFiller(rows[i].lane);
    } else {
      ++at(rows[i].lane).size;
      Deliver(rows[i].lane, static_cast<int>(i), seconds / static_cast<double>(wanted.size()));
    }
  }
  for (const int lane : wanted) {
    // Not owed any more when one that went on before it closed the lane.
    if (std::exchange(at(lane).owed, false)) at(lane).row->ready.Open();
  }
  return absl::OkStatus();
}

void LlamaStepper::AddFiller(int lane) {
  batch_.Add(0, at(lane).size, lane, options_.deterministic);
}

void LlamaStepper::RemoveFiller(int lane) {
  const int size = at(lane).size;
  llama_memory_seq_rm(memory_, lane, size == 0 ? -1 : size, -1);
}

absl::Status LlamaStepper::Decode(double* seconds) {
  KeepLentRows();
  const auto start = std::chrono::steady_clock::now();
  const int32_t result = llama_decode(context_, batch_.batch());
  llama_synchronize(context_);
  *seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (result == 0) return absl::OkStatus();
  const std::string errors = TakeLlamaErrors();
  if (result == 2) return absl::CancelledError("cancelled");
  return absl::InternalError(
      absl::StrFormat("llama.cpp could not compute a batch of %d rows: %s", batch_.rows(), errors));
}

void LlamaStepper::Deliver(int lane, int row, double seconds) {
  Lane& self = at(lane);
  const float* logits = llama_get_logits_ith(context_, row);
  self.row->distribution =
      Distribution(absl::MakeConstSpan(logits, static_cast<size_t>(tokenizer_.size())));
  *self.row->seconds += seconds;
  self.queued.clear();
  self.owed = self.lent = true;
}

void LlamaStepper::KeepLentRows() {
  for (Lane& lane : lanes_) {
    if (lane.lent && lane.queued.empty()) lane.row->CopyFrom(*lane.row);
    lane.lent = false;
  }
}

void LlamaStepper::Reset() {
  llama_memory_clear(memory_, /*data=*/false);
  prompts_.clear();
  for (Lane& lane : lanes_) lane = Lane();
}

}  // namespace entrobench
