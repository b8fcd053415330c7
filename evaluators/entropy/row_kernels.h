// The vectorised loops under the measures and the ranking of tokens. They are bare: whoever calls
// them gives the sums their meaning and deals with rows that have none (NaN, infinities, empty).
// Each loop runs the best code for the CPU at hand (Highway, chosen at run time).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace entrobench::kernels {

// Logits that are worked on at once: 16 KB, so that they and those fetched ahead stay in the
// first-level cache.
inline constexpr size_t kSummaryBlock = 4096;

struct RowMaximum {
  float value;    // -inf for an empty row
  int64_t index;  // the lowest that holds it; -1 for an empty row
  bool has_nan;   // then the others mean nothing
};
RowMaximum FindMaximum(absl::Span<const float> row);

// Appends the indices with low <= z < high, ascending.
void AppendIndicesBetween(absl::Span<const float> row, float low, float high,
                          std::vector<int32_t>* indices);

// sum e, sum e d and sum e d^2 with d = (z - reference) * inverse_temperature and e = exp(d): what
// log-sum-exp, entropy and varentropy are made of. No z may exceed the reference or be NaN. A d
// below -708 counts as -708, so each -inf adds 3e-308 to sum e.
struct ExponentialSums {
  double e = 0, ed = 0, edd = 0;
};
ExponentialSums SumExponentials(absl::Span<const float> row, double reference,
                                double inverse_temperature);

// Sums over a row of probabilities, each finite and not negative; outcomes with p = 0 add nothing.
//   SumPLogP              sum p ln p
//   SumPSquaredDeviation  sum p (ln p - mean)^2
//   SumPLogRatio          sum p ln(p / q)
//   SumPowerExcess        sum (p^order - p); loses no digits where order is nearly 1
//   SumScaledPower        sum (p / scale)^order, for powers too small to add up
double SumPLogP(absl::Span<const double> p);
double SumPSquaredDeviation(absl::Span<const double> p, double mean);
double SumPLogRatio(absl::Span<const double> p, absl::Span<const double> q);
double SumPowerExcess(absl::Span<const double> p, double order);
double SumScaledPower(absl::Span<const double> p, double order, double log_scale);

// The same where ln p = z - log_sum_exp; outcomes with z = -inf add nothing.
double SumPLogRatio(absl::Span<const float> z_p, double p_log_sum_exp, absl::Span<const float> z_q,
                    double q_log_sum_exp);
double SumPowerExcess(absl::Span<const float> z, double log_sum_exp, double order);
double SumScaledPower(absl::Span<const float> z, double log_sum_exp, double order,
                      double log_scale);

}  // namespace entrobench::kernels
