#include "evaluators/entropy/probabilities.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "evaluators/entropy/row_kernels.h"

namespace entrobench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool IsDistribution(absl::Span<const double> p) {
  double total = 0;
  bool valid = true;
  for (const double x : p) {
    valid &= x >= 0 && x < kInfinity;  // false for NaN
    total += x;
  }
  return valid && total > 0;
}

double LargestOf(absl::Span<const double> p) { return *std::max_element(p.begin(), p.end()); }

// Rounding may push a measure that cannot be negative just below 0, and leaves -0 for a sum of
// nothing.
double NotNegative(double x) { return x > 0 ? x : 0.0; }

}  // namespace

double ShannonEntropy(absl::Span<const double> p) {
  return IsDistribution(p) ? NotNegative(-kernels::SumPLogP(p)) : kNaN;
}

double RenyiEntropy(absl::Span<const double> p, double order) {
  if (!IsDistribution(p) || !(order >= 0)) return kNaN;
  if (order == 1) return ShannonEntropy(p);
  if (order == kInfinity) return MinEntropy(p);
  // Below and next to 1 the sum of powers is 1 plus a sum that loses no digits. Far above, where it
  // may be tiny, take out the largest term.
  if (order < 1.1) return NotNegative(std::log1p(kernels::SumPowerExcess(p, order)) / (1 - order));
  const double log_largest = std::log(LargestOf(p));
  const double log_sum =
      order * log_largest + std::log(kernels::SumScaledPower(p, order, log_largest));
  return NotNegative(log_sum / (1 - order));
}

double TsallisEntropy(absl::Span<const double> p, double order) {
  if (!IsDistribution(p) || !(order >= 0)) return kNaN;
  if (order == 1) return ShannonEntropy(p);
  if (order == kInfinity) return 0;
  return NotNegative(kernels::SumPowerExcess(p, order) / (1 - order));
}

double MinEntropy(absl::Span<const double> p) {
  return IsDistribution(p) ? NotNegative(-std::log(LargestOf(p))) : kNaN;
}

double Varentropy(absl::Span<const double> p) {
  return IsDistribution(p) ? kernels::SumPSquaredDeviation(p, kernels::SumPLogP(p)) : kNaN;
}

double Perplexity(absl::Span<const double> p) { return std::exp(ShannonEntropy(p)); }

double Surprisal(absl::Span<const double> p, int64_t index) {
  return IsDistribution(p) ? NotNegative(-std::log(p[static_cast<size_t>(index)])) : kNaN;
}

double KullbackLeibler(absl::Span<const double> p, absl::Span<const double> q) {
  if (p.size() != q.size() || !IsDistribution(p) || !IsDistribution(q)) return kNaN;
  for (size_t v = 0; v < p.size(); ++v) {
    if (p[v] > 0 && q[v] == 0) return kInfinity;
  }
  return NotNegative(kernels::SumPLogRatio(p, q));
}

double JensenShannon(absl::Span<const double> p, absl::Span<const double> q) {
  if (p.size() != q.size() || !IsDistribution(p) || !IsDistribution(q)) return kNaN;
  std::vector<double> middle(p.size());
  for (size_t v = 0; v < p.size(); ++v) middle[v] = (p[v] + q[v]) / 2;
  return NotNegative((kernels::SumPLogRatio(p, middle) + kernels::SumPLogRatio(q, middle)) / 2);
}

}  // namespace entrobench
