#include "evaluators/language/candidates.h"

#include <algorithm>
#include <cmath>

#include "evaluators/entropy/logits.h"

namespace entrobench {
namespace {

// Colder makes no difference to what is drawn, but z / T would overflow in the end.
constexpr double kColdest = 1e-6;

}  // namespace

Candidates::Candidates(const Distribution& distribution, Temperature temperature)
    : logits_(distribution.logits()),
      ranking_(distribution.logits(), distribution.argmax()),
      draw_temperature_(std::max(temperature.value, kColdest)),
      rule_temperature_(temperature.first ? draw_temperature_ : 1.0),
      top_(logits_[static_cast<size_t>(distribution.argmax())]),
      end_(distribution.size()) {
  if (rule_temperature_ == 1.0) {
    entropy_ = distribution.entropy();
    log_p_of_best_ = distribution.max_logprob();
  } else {
    const LogitsSummary tempered = SummarizeLogits(logits_, rule_temperature_);
    entropy_ = tempered.entropy;
    log_p_of_best_ = tempered.max_logprob;
  }
  p_of_best_ = std::exp(log_p_of_best_);
}

double Candidates::RelativeWeight(int index, double temperature) const {
  const double z = ranking_.logit(begin_ + index);
  return z == top_ ? 1.0 : std::exp((z - top_) / temperature);  // infinite tops, too
}

double Candidates::p(int index) const {
  return RelativeWeight(index, rule_temperature_) * p_of_best_;
}

double Candidates::surprisal(int index) const {
  const double z = ranking_.logit(begin_ + index);
  return (z == top_ ? 0.0 : (top_ - z) / rule_temperature_) - log_p_of_best_;
}

void Candidates::KeepRange(int begin, int end) {
  begin = std::clamp(begin, 0, size() - 1);
  end = std::clamp(end, begin + 1, size());
  end_ = begin_ + end;
  begin_ += begin;
}

void Candidates::KeepTopP(double share) {
  if (share >= 1) return;  // rounding may never reach it
  const double wanted = share * mass();
  double reached = p(0);
  int k = 1;
  while (k < size() && reached < wanted) reached += p(k++);
  KeepTop(k);
}

void Candidates::KeepMinP(double ratio) {
  const double threshold = ratio * p(0);
  int k = 1;
  while (k < size() && p(k) >= threshold) ++k;
  KeepTop(k);
}

double Candidates::mass() const {
  if (is_everything()) return 1.0;
  double sum = 0;
  for (int i = 0; i < size(); ++i) sum += p(i);
  return sum;
}

double Candidates::TotalDrawWeight() const {
  if (is_everything()) {
    const double log_q_of_best = draw_temperature_ == rule_temperature_
                                     ? log_p_of_best_
                                     : SummarizeLogits(logits_, draw_temperature_).max_logprob;
    return std::exp(-log_q_of_best);
  }
  double total = 0;
  for (int i = 0; i < size(); ++i) total += RelativeWeight(i, draw_temperature_);
  return total;
}

double Candidates::q(int index) const {
  return RelativeWeight(index, draw_temperature_) / TotalDrawWeight();
}

double Candidates::kept_entropy() const {
  // With weights w = exp(d): H = ln W - sum w d / W.
  double total = 0, weighted = 0;
  for (int i = 0; i < size(); ++i) {
    const double w = RelativeWeight(i, draw_temperature_);
    if (w == 0) continue;
    total += w;
    weighted += w * std::log(w);
  }
  return std::max(0.0, std::log(total) - weighted / total);
}

int Candidates::Draw(Random& rng) const {
  const double target = rng.Uniform() * TotalDrawWeight();
  double reached = 0;
  int last_possible = 0;
  for (int i = 0; i < size(); ++i) {
    const double w = RelativeWeight(i, draw_temperature_);
    if (w == 0) break;  // so is all that follows
    reached += w;
    last_possible = i;
    if (target < reached) break;
  }
  return last_possible;  // it also takes what rounding leaves
}

}  // namespace entrobench
