#include "evaluators/entropy/logits.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "evaluators/entropy/probabilities.h"
#include "evaluators/entropy/row_kernels.h"

namespace entrobench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double NotNegative(double x) { return x > 0 ? x : 0.0; }

// Of a row with a NaN.
LogitsSummary Spoilt() { return {kNaN, kNaN, kNaN, kNaN, -1}; }

// The limit of a row with infinite logits: they share the mass equally.
LogitsSummary ShareAmongInfinite(absl::Span<const float> logits, int64_t first) {
  const bool has_nan =
      std::any_of(logits.begin(), logits.end(), [](float z) { return std::isnan(z); });
  if (has_nan) return Spoilt();
  const auto infinite = std::count(logits.begin(), logits.end(), static_cast<float>(kInfinity));
  const double log_count = std::log(static_cast<double>(infinite));
  return {kInfinity, log_count, 0.0, -log_count, first};
}

// The sums over e^d, with d = (z - top) / temperature and top the largest logit so far. The top's
// own e^0 = 1 is left out until the end: of a row that is almost one-hot, 1 + 1e-12 would keep four
// digits of what the entropy is made of.
class RunningSums {
 public:
  explicit RunningSums(double inverse_temperature) : inverse_temperature_(inverse_temperature) {}

  void Add(absl::Span<const float> block, const kernels::RowMaximum& max, int64_t start) {
    if (max.value > top_) {
      if (index_ >= 0) Rebase(max.value);
      top_ = max.value;
      index_ = start + max.index;
      const auto at = static_cast<size_t>(max.index);
      AddSums(block.first(at));
      AddSums(block.subspan(at + 1));
    } else {
      AddSums(block);
    }
  }

  LogitsSummary Summary() const {
    if (index_ < 0) return LogitsSummary();
    const double scaled_top = top_ * inverse_temperature_;
    // Nothing but what SumExponentials makes of -inf: one-hot.
    if (rest_.e < 1e-290) return {scaled_top, 0.0, 0.0, 0.0, index_};
    const double mean = rest_.ed / (1 + rest_.e);  // of d under p
    const double mean_square = rest_.edd / (1 + rest_.e);
    const double log_total = std::log1p(rest_.e);
    return {scaled_top + log_total, NotNegative(log_total - mean),
            NotNegative(mean_square - mean * mean), -log_total, index_};
  }

 private:
  void AddSums(absl::Span<const float> part) {
    const kernels::ExponentialSums more =
        kernels::SumExponentials(part, top_, inverse_temperature_);
    rest_.e += more.e;
    rest_.ed += more.ed;
    rest_.edd += more.edd;
  }

  // From the old top to a larger one: every d falls by the same step, and the old top joins the
  // rest.
  void Rebase(double new_top) {
    const double step = (top_ - new_top) * inverse_temperature_;
    const double scale = std::exp(step);
    rest_.e += 1;
    rest_ = {scale * rest_.e, scale * (rest_.ed + step * rest_.e),
             scale * (rest_.edd + 2 * step * rest_.ed + step * step * rest_.e)};
  }

  double inverse_temperature_;
  double top_ = -kInfinity;
  int64_t index_ = -1;  // of the top
  kernels::ExponentialSums rest_;
};

// softmax(logits), for the few measures that are computed from probabilities; empty for a row
// without a distribution.
std::vector<double> Softmax(absl::Span<const float> logits, const LogitsSummary& summary) {
  if (summary.argmax < 0) return {};
  std::vector<double> p(logits.size());
  for (size_t v = 0; v < p.size(); ++v) {
    const double z = logits[v];
    p[v] = summary.log_sum_exp == kInfinity ? (z == kInfinity ? std::exp(-summary.entropy) : 0)
                                            : std::exp(z - summary.log_sum_exp);
  }
  return p;
}

}  // namespace

LogitsSummary SummarizeLogits(absl::Span<const float> logits, double temperature) {
  RunningSums sums(1 / temperature);
  for (size_t start = 0; start < logits.size(); start += kernels::kSummaryBlock) {
    const absl::Span<const float> block = logits.subspan(start, kernels::kSummaryBlock);
    const kernels::RowMaximum max = kernels::FindMaximum(block);
    if (max.has_nan) return Spoilt();
    const auto offset = static_cast<int64_t>(start);
    if (max.value == kInfinity) return ShareAmongInfinite(logits, offset + max.index);
    if (max.value > -kInfinity) sums.Add(block, max, offset);
  }
  return sums.Summary();
}

double LogSumExp(absl::Span<const float> logits) { return SummarizeLogits(logits).log_sum_exp; }
double ShannonEntropyOfLogits(absl::Span<const float> logits) {
  return SummarizeLogits(logits).entropy;
}
double VarentropyOfLogits(absl::Span<const float> logits) {
  return SummarizeLogits(logits).varentropy;
}
double PerplexityOfLogits(absl::Span<const float> logits) {
  return std::exp(SummarizeLogits(logits).entropy);
}

double SurprisalOfLogits(absl::Span<const float> logits, int64_t index) {
  const LogitsSummary s = SummarizeLogits(logits);
  if (s.argmax < 0) return kNaN;
  const double top = logits[static_cast<size_t>(s.argmax)], z = logits[static_cast<size_t>(index)];
  return NotNegative((z == top ? 0.0 : top - z) - s.max_logprob);
}

double MinEntropyOfLogits(absl::Span<const float> logits) {
  return -SummarizeLogits(logits).max_logprob + 0.0;
}

double RenyiEntropyOfLogits(absl::Span<const float> logits, double order) {
  const LogitsSummary s = SummarizeLogits(logits);
  if (s.argmax < 0 || !(order >= 0)) return kNaN;
  if (order == 1 || s.log_sum_exp == kInfinity)
    return s.entropy;  // of equal shares every order is the same
  if (order == kInfinity) return MinEntropyOfLogits(logits);
  if (order < 1.1)
    return NotNegative(std::log1p(kernels::SumPowerExcess(logits, s.log_sum_exp, order)) /
                       (1 - order));
  const double log_sum = order * s.max_logprob + std::log(kernels::SumScaledPower(
                                                     logits, s.log_sum_exp, order, s.max_logprob));
  return NotNegative(log_sum / (1 - order));
}

double TsallisEntropyOfLogits(absl::Span<const float> logits, double order) {
  const LogitsSummary s = SummarizeLogits(logits);
  if (s.argmax < 0 || !(order >= 0)) return kNaN;
  if (order == 1) return s.entropy;
  if (order == kInfinity) return 0;
  if (s.log_sum_exp == kInfinity)
    return NotNegative(std::expm1((1 - order) * s.entropy) / (1 - order));
  return NotNegative(kernels::SumPowerExcess(logits, s.log_sum_exp, order) / (1 - order));
}

double KullbackLeiblerOfLogits(absl::Span<const float> p, absl::Span<const float> q) {
  const LogitsSummary of_p = SummarizeLogits(p), of_q = SummarizeLogits(q);
  if (p.size() != q.size() || of_p.argmax < 0 || of_q.argmax < 0) return kNaN;
  if (of_p.log_sum_exp == kInfinity || of_q.log_sum_exp == kInfinity) {
    return KullbackLeibler(Softmax(p, of_p), Softmax(q, of_q));
  }
  for (size_t v = 0; v < p.size(); ++v) {
    if (p[v] > -kInfinity && q[v] == -kInfinity) return kInfinity;
  }
  return NotNegative(kernels::SumPLogRatio(p, of_p.log_sum_exp, q, of_q.log_sum_exp));
}

double JensenShannonOfLogits(absl::Span<const float> p, absl::Span<const float> q) {
  if (p.size() != q.size()) return kNaN;
  return JensenShannon(Softmax(p, SummarizeLogits(p)), Softmax(q, SummarizeLogits(q)));
}

}  // namespace entrobench
