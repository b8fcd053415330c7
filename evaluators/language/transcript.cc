#include "evaluators/language/transcript.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/string_view.h"

namespace entrobench {
namespace {

// The `count` most probable tokens with their log-probabilities, best first; ties: the lower id.
std::vector<std::pair<Token, float>> MostProbable(const Distribution& distribution, int count) {
  std::vector<Token> ids(static_cast<size_t>(distribution.size()));
  std::iota(ids.begin(), ids.end(), 0);
  const auto logits = distribution.logits();
  const auto better = [&](Token a, Token b) {
    const float x = logits[static_cast<size_t>(a)], y = logits[static_cast<size_t>(b)];
    return x != y ? x > y : a < b;
  };
  const auto end = ids.begin() + std::min(count, distribution.size());
  std::partial_sort(ids.begin(), end, ids.end(), better);
  std::vector<std::pair<Token, float>> best;
  for (auto id = ids.begin(); id != end; ++id) {
    best.emplace_back(*id, static_cast<float>(distribution.Logprob(*id)));
  }
  return best;
}

}  // namespace

void Transcript::Append(Token token, const Distribution& distribution) {
  TokenStats stats;
  stats.logprob = static_cast<float>(distribution.Logprob(token));
  stats.entropy = static_cast<float>(distribution.entropy());
  stats.varentropy = static_cast<float>(distribution.varentropy());
  generation_.tokens.push_back(token);
  generation_.stats.push_back(stats);
  if (keep_top_ > 0) top_.push_back(MostProbable(distribution, keep_top_));

  if (vocabulary_->EndsText(token)) {
    generation_.finish = Finish::kStop;
    return;
  }
  std::string& text = generation_.text;
  const size_t searched = text.size();
  text += vocabulary_->Piece(token);
  if (const size_t at = stop_->Find(text, searched); at != absl::string_view::npos) {
    text.resize(at);
    generation_.finish = Finish::kStop;
  } else if (size() >= max_tokens_) {
    generation_.finish = Finish::kLength;
  }
}

void Transcript::Describe(BranchRecord* record) const {
  record->generation = generation_;
  for (const Token token : generation_.tokens) record->pieces.push_back(vocabulary_->Piece(token));
  for (const auto& alternatives : top_) {
    auto& texts = record->top.emplace_back();
    for (const auto& [token, logprob] : alternatives) {
      texts.emplace_back(vocabulary_->Piece(token), logprob);
    }
  }
}

}  // namespace entrobench
