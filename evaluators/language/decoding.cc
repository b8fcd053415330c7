#include "evaluators/language/decoding.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace entrobench {
namespace {

// Cumulative search in the order given; the last token takes what rounding leaves.
Token PickByMass(const std::vector<std::pair<Token, double>>& weighted, double total, Random& rng) {
  double left = rng.Uniform() * total;
  for (const auto& [token, weight] : weighted) {
    left -= weight;
    if (left < 0) return token;
  }
  return weighted.back().first;
}

}  // namespace

Token Draw(const Distribution& distribution, const Decoding& decoding, Random& rng) {
  const Token best = distribution.argmax();
  if (decoding.temperature <= 0) return best;

  // Weights relative to the best token, which has 1; what cannot pass min_p is left out at once.
  const auto logits = distribution.logits();
  const double top = static_cast<double>(logits[static_cast<size_t>(best)]);
  std::vector<std::pair<Token, double>> weighted;
  weighted.reserve(logits.size());
  double total = 0;
  double kept = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    const Token token = static_cast<Token>(i);
    // The best token apart: an infinite logit minus itself is no number.
    const double weight =
        token == best ? 1 : std::exp((static_cast<double>(logits[i]) - top) / decoding.temperature);
    total += weight;
    if (weight > 0 && weight >= decoding.min_p) {
      weighted.emplace_back(token, weight);
      kept += weight;
    }
  }
  if (decoding.top_p < 1) {
    std::sort(weighted.begin(), weighted.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    const double wanted = decoding.top_p * total;
    size_t count = 0;
    for (kept = 0; count < weighted.size() && (count == 0 || kept < wanted); ++count) {
      kept += weighted[count].second;
    }
    weighted.resize(count);
  }
  return PickByMass(weighted, kept, rng);
}

Task<Generation> DecodeToEnd(Sequence sequence, Decoding decoding) {
  while (!sequence.done()) {
    const Token token = Draw(sequence.distribution(), decoding, sequence.rng());
    co_await sequence.Append(token);
  }
  co_return sequence.generation();
}

}  // namespace entrobench
