#include "evaluators/language/ranking.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

#include "evaluators/entropy/row_kernels.h"
#include "hwy/contrib/sort/vqsort.h"

namespace entrobench {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Once tiers are this wide, the next one is all that is left.
constexpr float kWidestTier = 1000;

// The bits of a float, turned so that they fall as unsigned numbers when the float rises, and back.
uint32_t DescendingBits(float z) {
  const auto bits = std::bit_cast<uint32_t>(z + 0.0f);  // -0 equals 0
  return (bits & 0x80000000) != 0 ? bits : ~(bits | 0x80000000);
}
float FromDescendingBits(uint32_t bits) {
  return std::bit_cast<float>((bits & 0x80000000) != 0 ? bits : ~bits & 0x7FFFFFFF);
}

}  // namespace

Ranking::Ranking(absl::Span<const float> logits, Token best) : logits_(logits), tier_(kInfinity) {
  if (logits_.empty()) return;
  // The first tier ends just above the best logit. Infinite ones have no distance to the others:
  // take all tokens at once.
  const float top = logits_[static_cast<size_t>(best)];
  tier_ = std::nextafter(top, kInfinity);
  if (top == kInfinity) tier_width_ = kWidestTier;
}

float Ranking::logit(int rank) const {
  return FromDescendingBits(static_cast<uint32_t>(KeyOf(rank) >> 32));
}

void Ranking::SortNextTier() const {
  const auto key_of = [this](size_t v) { return Key{DescendingBits(logits_[v])} << 32 | v; };
  const size_t begin = sorted_.size();
  if (tier_width_ < kWidestTier) {
    std::vector<int32_t> tier;
    const float low = tier_ - tier_width_;
    kernels::AppendIndicesBetween(logits_, low, tier_, &tier);
    for (const int32_t v : tier) sorted_.push_back(key_of(static_cast<size_t>(v)));
    tier_ = low;
    tier_width_ *= 1.5f;
  } else {
    // All that is left, with the -inf that no tier reaches.
    for (size_t v = 0; v < logits_.size(); ++v) {
      if (logits_[v] < tier_ || tier_ == kInfinity) sorted_.push_back(key_of(v));
    }
    tier_ = -kInfinity;
  }
  hwy::Sorter()(sorted_.data() + begin, sorted_.size() - begin, hwy::SortAscending());
}

}  // namespace entrobench
