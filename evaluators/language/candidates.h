// The tokens that a truncation rule may keep, best first, and what is drawn from those it kept. A
// rule reads like its paper:
//
//   Candidates p(distribution, temperature_);
//   const double threshold = std::min(epsilon, std::sqrt(epsilon) * std::exp(-p.entropy()));
//   int k = 1;
//   while (k < p.size() && p.p(k) >= threshold) ++k;
//   p.KeepTop(k);
#pragma once

#include "common/random.h"
#include "evaluators/language/distribution.h"
#include "evaluators/language/ranking.h"

namespace entrobench {

// The softmax temperature of a sampler, and whether it acts before the rule looks at the
// distribution (as in the authors' code of most rules) or only on what the rule has kept.
struct Temperature {
  Temperature() = default;
  explicit Temperature(double v, bool before_rule = true) : value(v), first(before_rule) {}
  double value = 1;  // > 0; below 1e-6 it counts as 1e-6
  bool first = true;
};

// Begins with every token. Indices count the kept tokens in order of probability, equals by lower
// id. What a rule does not look at is never sorted nor computed, so only as many of 262,144 tokens
// cost anything as the rule needs. Does not own the row behind the distribution, which must have an
// argmax. Movable.
class Candidates {
 public:
  explicit Candidates(const Distribution& distribution, Temperature temperature = Temperature());

  // What the rule looks at: softmax(z / T), or softmax(z) when the temperature comes after it.
  // The entropy is over the whole vocabulary: a cut changes neither it nor any p.
  double p(int index) const;
  double surprisal(int index) const;           // -ln p, nats; infinite for p = 0
  double entropy() const { return entropy_; }  // H(p), nats
  int vocabulary_size() const { return ranking_.size(); }

  // Cuts. Each keeps some of what is still kept, and at least one token.
  void KeepTop(int count) { KeepRange(0, count); }
  void KeepRange(int begin, int end);  // indices in [begin, end)
  void KeepTopP(double share);         // the fewest, best first, with this share of the mass
  void KeepMinP(double ratio);         // those with p >= ratio * p(0)

  // What is kept.
  int size() const { return end_ - begin_; }
  Token token(int index) const { return ranking_.token(begin_ + index); }
  double mass() const;  // sum of p
  // The probability of being drawn: p renormalised, and tempered if that was not done before.
  double q(int index) const;
  double kept_entropy() const;  // H(q), nats

  // Draws an index from q, with exactly one number of `rng`.
  int Draw(Random& rng) const;
  Token Sample(Random& rng) const { return token(Draw(rng)); }

 private:
  bool is_everything() const { return size() == ranking_.size(); }
  double RelativeWeight(int index, double temperature) const;  // exp((z - z_max) / temperature)
  double TotalDrawWeight() const;

  absl::Span<const float> logits_;
  Ranking ranking_;
  double draw_temperature_;
  double rule_temperature_;
  double entropy_;
  double log_p_of_best_;  // of rank 0, at the rule's temperature
  double p_of_best_;
  double top_;           // logit of rank 0
  int begin_ = 0, end_;  // ranks kept
};

}  // namespace entrobench
