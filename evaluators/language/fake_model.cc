#include "evaluators/language/fake_model.h"

#include <cstdlib>
#include <map>
#include <utility>

#include "common/logging.h"
#include "evaluators/language/problem_loop.h"
#include "evaluators/language/stepper.h"

namespace entrobench {
namespace {

class FakeModel final : public LanguageModel, public Stepper, public Vocabulary {
 public:
  explicit FakeModel(FakeScript script)
      : script_(std::move(script)), lanes_(static_cast<size_t>(script_.lanes)) {
    facts_.description = "scripted";
    facts_.context = script_.context;
    facts_.vocabulary = size();
    facts_.capabilities = {v1::CAPABILITY_GENERATE, v1::CAPABILITY_STEP, v1::CAPABILITY_FULL_LOGITS,
                           v1::CAPABILITY_FORK};
  }

  // LanguageModel
  const ModelFacts& facts() const override { return facts_; }
  absl::Status Run(const std::function<std::optional<Work>()>& next,
                   const std::function<bool()>& cancelled) override {
    return RunProblems(this, next, cancelled);
  }

  // Vocabulary
  int size() const override { return static_cast<int>(script_.pieces.size()); }
  const std::string& Piece(Token token) const override {
    return script_.pieces[static_cast<size_t>(token)];
  }
  bool EndsText(Token token) const override { return Piece(token).empty(); }

  // Stepper
  const Vocabulary& vocabulary() const override { return *this; }
  int lanes() const override { return script_.lanes; }
  int context() const override { return script_.context; }

  absl::StatusOr<std::vector<Token>> Tokenize(const Prompt& prompt,
                                              std::string* rendered) const override {
    *rendered = prompt.plain;
    if (rendered->empty()) {
      for (const ChatMessage& message : prompt.messages) *rendered += message.content + "\n";
    }
    if (rendered->empty()) return absl::InvalidArgumentError("the prompt is empty");
    return std::vector<Token>(rendered->begin(), rendered->end());
  }

  int OpenLane() override {
    for (size_t lane = 0; lane < lanes_.size(); ++lane) {
      if (lanes_[lane].open) continue;
      lanes_[lane] = Lane();
      lanes_[lane].open = true;
      return static_cast<int>(lane);
    }
    EB_LOG(ERROR) << "more lanes opened than there are";
    std::abort();
  }
  void CloseLane(int lane) override { at(lane) = Lane(); }

  void Prefill(int lane, std::vector<Token> tokens, Row* row) override {
    at(lane).prompt = std::string(tokens.begin(), tokens.end());
    at(lane).waiting = row;
  }
  void Append(int lane, Token token, Row* row) override {
    at(lane).said.push_back(token);
    at(lane).waiting = row;
  }
  void CopyLane(int from, int to) override {
    at(to).prompt = at(from).prompt;
    at(to).said = at(from).said;
  }

  absl::StatusOr<bool> Step() override {
    std::vector<Lane*> batch;
    for (Lane& lane : lanes_) {
      if (lane.waiting != nullptr) batch.push_back(&lane);
    }
    if (script_.one_at_a_time && !batch.empty()) batch = {batch.back()};
    for (Lane* lane : batch) {
      if (lane->waiting == nullptr) continue;  // closed by one that went on before it
      Row* row = std::exchange(lane->waiting, nullptr);
      row->own = script_.logits(lane->prompt, lane->said);
      if (row->own.size() != script_.pieces.size()) {
        return absl::InternalError("the script's row has not one logit a piece");
      }
      row->distribution = Distribution(row->own);
      row->ready.Open();
    }
    return !batch.empty();
  }

 private:
  struct Lane {
    bool open = false;
    std::string prompt;
    std::vector<Token> said;
    Row* waiting = nullptr;
  };
  Lane& at(int lane) { return lanes_[static_cast<size_t>(lane)]; }

  FakeScript script_;
  ModelFacts facts_;
  std::vector<Lane> lanes_;
};

}  // namespace

std::unique_ptr<LanguageModel> NewFakeModel(FakeScript script) {
  return std::make_unique<FakeModel>(std::move(script));
}

FakeOutcome RunOne(LanguageModel* model, Work work) {
  FakeOutcome outcome;
  outcome.status = absl::InternalError("the model dropped the problem");
  work.finished = [&outcome](const absl::Status& status, const Usage& usage) {
    outcome.status = status;
    outcome.usage = usage;
  };
  bool given = false;
  const auto next = [&]() -> std::optional<Work> {
    if (given) return std::nullopt;
    given = true;
    return std::move(work);
  };
  const absl::Status ran = model->Run(next, [] { return false; });
  if (!ran.ok()) outcome.status = ran;
  return outcome;
}

}  // namespace entrobench
