// Measures of softmax(logits), straight from the logits: no probability is stored, none underflows
// to a wrong logarithm.
//
// What a row means, for every function here:
//   -inf     a token of probability 0, which adds nothing
//   +inf     the limit: the k infinite logits share the mass equally, so the entropy is ln k and
//            log-sum-exp +inf
//   no mass  an empty row, or one of -inf only, is no distribution: log-sum-exp is -inf, argmax -1,
//            all else NaN
//   NaN      spoils the row: argmax is -1, all else NaN
// Sums are kept in double with an exponential good to 1e-10, vectorised for the CPU at hand
// (Highway, chosen at run time). Two machines may differ in the last digits; one machine gives one
// result.
#pragma once

#include <cstdint>
#include <limits>

#include "absl/types/span.h"

namespace entrobench {

struct LogitsSummary {
  double log_sum_exp = -std::numeric_limits<double>::infinity();  // ln sum_v exp(z_v)
  double entropy = std::numeric_limits<double>::quiet_NaN();      // -sum p ln p, nats
  double varentropy = std::numeric_limits<double>::quiet_NaN();   // sum p (ln p + H)^2, nats^2
  double max_logprob = std::numeric_limits<double>::quiet_NaN();  // ln of the largest probability
  int64_t argmax = -1;  // lowest index of the largest logit
};

// All of them for softmax(logits / temperature), temperature > 0, in one read of the row from
// memory.
LogitsSummary SummarizeLogits(absl::Span<const float> logits, double temperature = 1.0);

// ln sum_v exp(z_v).
double LogSumExp(absl::Span<const float> logits);

// The measures of evaluators/entropy/probabilities.h, of softmax(logits); nats.
double ShannonEntropyOfLogits(absl::Span<const float> logits);
double VarentropyOfLogits(absl::Span<const float> logits);
double PerplexityOfLogits(absl::Span<const float> logits);
double MinEntropyOfLogits(absl::Span<const float> logits);
double RenyiEntropyOfLogits(absl::Span<const float> logits, double order);
double TsallisEntropyOfLogits(absl::Span<const float> logits, double order);
double SurprisalOfLogits(absl::Span<const float> logits, int64_t index);

// KL(softmax(p) || softmax(q)) and their Jensen-Shannon divergence; NaN for rows of
// different length.
double KullbackLeiblerOfLogits(absl::Span<const float> p, absl::Span<const float> q);
double JensenShannonOfLogits(absl::Span<const float> p, absl::Span<const float> q);

}  // namespace entrobench
