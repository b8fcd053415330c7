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

// The limit of a row with infinite logits: they share the mass equally.
LogitsSummary ShareAmongInfinite(absl::Span<const float> logits, int64_t first) {
  const auto infinite = std::count(logits.begin(), logits.end(), static_cast<float>(kInfinity));
  return {kInfinity, std::log(static_cast<double>(infinite)), 0.0, first};
}

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

LogitsSummary SummarizeLogits(absl::Span<const float> logits) {
  const kernels::RowMaximum max = kernels::FindMaximum(logits);
  if (max.has_nan) return {kNaN, kNaN, kNaN, -1};
  if (max.value == -kInfinity) return LogitsSummary();  // an empty row, too
  if (max.value == kInfinity) return ShareAmongInfinite(logits, max.index);

  // With d = z - max the sums over e^d are those of everything but the argmax, whose own e^0 = 1 is
  // added last: of a row that is almost one-hot, 1 + 1e-12 would keep four digits of what the
  // entropy is made of.
  const auto index = static_cast<size_t>(max.index);
  const kernels::ExponentialSums before = kernels::SumExponentials(logits.first(index), max.value);
  const kernels::ExponentialSums after =
      kernels::SumExponentials(logits.subspan(index + 1), max.value);
  const double rest = before.e + after.e;
  // Nothing but what SumExponentials makes of -inf: one-hot.
  if (rest < 1e-290) return {static_cast<double>(max.value), 0.0, 0.0, max.index};
  const double mean = (before.ed + after.ed) / (1 + rest);  // of d under p
  const double mean_square = (before.edd + after.edd) / (1 + rest);
  const double log_total = std::log1p(rest);
  return {max.value + log_total, NotNegative(log_total - mean),
          NotNegative(mean_square - mean * mean), max.index};
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
  const double z = logits[static_cast<size_t>(index)];
  if (s.log_sum_exp == kInfinity) return z == kInfinity ? s.entropy : kInfinity;
  return NotNegative(s.log_sum_exp - z);
}

double MinEntropyOfLogits(absl::Span<const float> logits) {
  const LogitsSummary s = SummarizeLogits(logits);
  if (s.argmax < 0) return kNaN;
  return s.log_sum_exp == kInfinity
             ? s.entropy
             : NotNegative(s.log_sum_exp - logits[static_cast<size_t>(s.argmax)]);
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
  const double log_largest = logits[static_cast<size_t>(s.argmax)] - s.log_sum_exp;
  const double log_sum = order * log_largest + std::log(kernels::SumScaledPower(
                                                   logits, s.log_sum_exp, order, log_largest));
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
