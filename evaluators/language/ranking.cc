#include "evaluators/language/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "evaluators/entropy/row_kernels.h"

namespace entrobench {
namespace {

// Sorted at once, at least: below this a partial sort costs more than it saves.
constexpr size_t kChunk = 256;

// A tier this wide holds whatever is left.
constexpr float kWidestTier = 1000;

}  // namespace

Ranking::Ranking(absl::Span<const float> logits, Token best)
    : logits_(logits), tier_(std::numeric_limits<float>::infinity()) {
  if (logits_.empty()) return;
  // The first tier ends just above the best logit. Infinite ones have no distance to the others:
  // take all tokens at once.
  const float top = logits_[static_cast<size_t>(best)];
  tier_ = std::nextafter(top, std::numeric_limits<float>::infinity());
  if (top == std::numeric_limits<float>::infinity()) tier_width_ = kWidestTier;
}

bool Ranking::Before(Token a, Token b) const {
  const float za = logits_[static_cast<size_t>(a)], zb = logits_[static_cast<size_t>(b)];
  return za != zb ? za > zb : a < b;
}

void Ranking::GatherNextTier() const {
  if (tier_width_ < kWidestTier) {
    const float low = tier_ - tier_width_;
    kernels::AppendIndicesBetween(logits_, low, tier_, &pending_);
    tier_ = low;
    tier_width_ *= 2;
    return;
  }
  // All that is left, with the -inf that no open interval holds.
  for (size_t v = 0; v < logits_.size(); ++v) {
    if (logits_[v] < tier_ || tier_ == std::numeric_limits<float>::infinity()) {
      pending_.push_back(static_cast<Token>(v));
    }
  }
  tier_ = -std::numeric_limits<float>::infinity();
}

void Ranking::SortUpTo(size_t count) const {
  const auto before = [this](Token a, Token b) { return Before(a, b); };
  while (sorted_.size() < count) {
    if (pending_.empty()) {
      GatherNextTier();
      continue;
    }
    // Twice as far as before, so that reading on costs O(n log n) in all.
    const size_t chunk =
        std::min(pending_.size(), std::max({kChunk, sorted_.size(), count - sorted_.size()}));
    const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(chunk);
    if (chunk < pending_.size()) std::nth_element(pending_.begin(), end, pending_.end(), before);
    std::sort(pending_.begin(), end, before);
    sorted_.insert(sorted_.end(), pending_.begin(), end);
    pending_.erase(pending_.begin(), end);
  }
}

}  // namespace entrobench
