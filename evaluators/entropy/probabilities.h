// Measures of a distribution given by its probabilities: p_v >= 0, summing to 1 (taken as given,
// never renormalised). Entropies are in nats; 0 ln 0 = 0.
//
// A span that is no distribution gives NaN: one that is empty, sums to zero, or holds a NaN, an
// infinity or a negative number. One outcome of probability 1 gives exactly 0 for every entropy.
#pragma once

#include <cstdint>

#include "absl/types/span.h"

namespace entrobench {

// H = -sum p ln p. In [0, ln n].
double ShannonEntropy(absl::Span<const double> p);

// H_a = ln(sum p^a) / (1 - a), a >= 0, falling in a (Renyi 1961). a = 0: ln of the number of
// possible outcomes; 1: Shannon; infinity: min-entropy. Exact next to 1 too.
double RenyiEntropy(absl::Span<const double> p, double order);

// S_q = (1 - sum p^q) / (q - 1), q >= 0 (Tsallis 1988). q = 1: Shannon; infinity: 0.
double TsallisEntropy(absl::Span<const double> p, double order);

// -ln max p.
double MinEntropy(absl::Span<const double> p);

// sum p (-ln p - H)^2, nats^2: the variance of the surprisal.
double Varentropy(absl::Span<const double> p);

// exp(H): the number of equally likely outcomes with the same entropy.
double Perplexity(absl::Span<const double> p);

// -ln p_index; infinite where p is 0. `index` in [0, n).
double Surprisal(absl::Span<const double> p, int64_t index);

// KL(p || q) = sum p ln(p / q). In [0, inf]; infinite when q misses an outcome that p has. NaN for
// spans of different length.
double KullbackLeibler(absl::Span<const double> p, absl::Span<const double> q);

// (KL(p || m) + KL(q || m)) / 2 with m = (p + q) / 2. Symmetric, in [0, ln 2]. NaN for spans of
// different length.
double JensenShannon(absl::Span<const double> p, absl::Span<const double> q);

}  // namespace entrobench
