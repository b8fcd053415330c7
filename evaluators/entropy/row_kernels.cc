#include "evaluators/entropy/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

// Highway compiles this file once for each instruction set: everything between HWY_BEFORE_NAMESPACE
// and HWY_AFTER_NAMESPACE exists several times, and HWY_DYNAMIC_DISPATCH calls the best of them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "evaluators/entropy/row_kernels.cc"
#include "hwy/foreach_target.h"
// After foreach_target.h.
#include "hwy/cache_control.h"
#include "hwy/contrib/algo/find-inl.h"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace entrobench::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::ScalableTag<double>;
using HalfFloats = hn::Rebind<float, Doubles>;  // as many floats as there are lanes of double
using V = hn::Vec<Doubles>;

HWY_INLINE V LoadAsDouble(const float* from) {
  return hn::PromoteTo(Doubles(), hn::LoadU(HalfFloats(), from));
}
HWY_INLINE V LoadAsDouble(const double* from) { return hn::LoadU(Doubles(), from); }

// Calls step(pointer) for each full vector of the row, then for the rest of it, filled up with
// `padding`.
template <typename T, typename Step>
HWY_INLINE void ForEachVector(absl::Span<const T> row, T padding, const Step& step) {
  const size_t lanes = hn::Lanes(Doubles());
  size_t i = 0;
  for (; i + lanes <= row.size(); i += lanes) step(row.data() + i);
  if (i == row.size()) return;
  T rest[hn::MaxLanes(Doubles())];
  std::fill(std::begin(rest), std::end(rest), padding);
  std::copy(row.begin() + static_cast<std::ptrdiff_t>(i), row.end(), rest);
  step(rest);
}

// The same over two rows of one length.
template <typename T, typename Step>
HWY_INLINE void ForEachPair(absl::Span<const T> a, absl::Span<const T> b, T padding,
                            const Step& step) {
  const size_t lanes = hn::Lanes(Doubles());
  size_t i = 0;
  for (; i + lanes <= a.size(); i += lanes) step(a.data() + i, b.data() + i);
  if (i == a.size()) return;
  T rest_a[hn::MaxLanes(Doubles())], rest_b[hn::MaxLanes(Doubles())];
  std::fill(std::begin(rest_a), std::end(rest_a), padding);
  std::fill(std::begin(rest_b), std::end(rest_b), padding);
  std::copy(a.begin() + static_cast<std::ptrdiff_t>(i), a.end(), rest_a);
  std::copy(b.begin() + static_cast<std::ptrdiff_t>(i), b.end(), rest_b);
  step(rest_a, rest_b);
}

HWY_INLINE double Total(V v) { return hn::GetLane(hn::SumOfLanes(Doubles(), v)); }

RowMaximum FindMaximum(absl::Span<const float> row) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  // Four chains: one alone would wait for each Max to finish.
  auto max0 = hn::Set(d, kNone), max1 = max0, max2 = max0, max3 = max0;
  auto nan = hn::IsNaN(max0);  // none so far
  size_t i = 0;
  for (; i + 4 * lanes <= row.size(); i += 4 * lanes) {
    const auto v0 = hn::LoadU(d, row.data() + i);
    const auto v1 = hn::LoadU(d, row.data() + i + lanes);
    const auto v2 = hn::LoadU(d, row.data() + i + 2 * lanes);
    const auto v3 = hn::LoadU(d, row.data() + i + 3 * lanes);
    max0 = hn::Max(max0, v0);
    max1 = hn::Max(max1, v1);
    max2 = hn::Max(max2, v2);
    max3 = hn::Max(max3, v3);
    nan = hn::Or(
        nan, hn::Or(hn::Or(hn::IsNaN(v0), hn::IsNaN(v1)), hn::Or(hn::IsNaN(v2), hn::IsNaN(v3))));
  }
  RowMaximum best{hn::GetLane(hn::MaxOfLanes(d, hn::Max(hn::Max(max0, max1), hn::Max(max2, max3)))),
                  -1, !hn::AllFalse(d, nan)};
  for (; i < row.size(); ++i) {
    best.has_nan |= std::isnan(row[i]);
    best.value = std::max(best.value, row[i]);
  }
  if (!row.empty())
    best.index = static_cast<int64_t>(hn::Find(d, best.value, row.data(), row.size()));
  return best;
}

void AppendIndicesBetween(absl::Span<const float> row, float low, float high,
                          std::vector<int32_t>* indices) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  const auto from = hn::Set(d, low), below = hn::Set(d, high);
  const auto append = [&](size_t begin, size_t end) HWY_ATTR {
    for (size_t i = begin; i < end; ++i) {
      if (row[i] >= low && row[i] < high) indices->push_back(static_cast<int32_t>(i));
    }
  };
  size_t i = 0;
  for (; i + lanes <= row.size(); i += lanes) {
    const auto z = hn::LoadU(d, row.data() + i);
    // Nearly always none: what is asked for is the head of a distribution.
    if (!hn::AllFalse(d, hn::And(hn::Ge(z, from), hn::Lt(z, below)))) append(i, i + lanes);
  }
  append(i, row.size());
}

// exp(d) for d in [-708, 0], relative error below 5e-11: 2^n * 2^r with n the nearest integer to d
// / ln 2. 2^r is a polynomial of degree 7 (minimax for the relative error on [-1/2, 1/2] with
// constant term 1, so that exp(0) is exactly 1; Remez in 50 digits). hwy's own Exp is good to 1e-16
// and costs twice as much.
HWY_INLINE V FastExp(V d) {
  const Doubles tag;
  // Adding 1.5 * 2^52 leaves the integer in the low bits of the sum; 1023 << 52 is not needed, for
  // n is added to the exponent.
  const V shifter = hn::Set(tag, 0x1.8p52);
  const V inverse_ln2 = hn::Set(tag, 1.4426950408889634);
  const V shifted = hn::MulAdd(d, inverse_ln2, shifter);
  const V n = hn::Sub(shifted, shifter);
  const V r = hn::MulSub(d, inverse_ln2, n);
  V poly = hn::Set(tag, 1.5196156271393571e-05);
  poly = hn::MulAdd(poly, r, hn::Set(tag, 1.5466756305950054e-04));
  poly = hn::MulAdd(poly, r, hn::Set(tag, 1.3333935056542882e-03));
  poly = hn::MulAdd(poly, r, hn::Set(tag, 9.618038132110119e-03));
  poly = hn::MulAdd(poly, r, hn::Set(tag, 5.550410365990772e-02));
  poly = hn::MulAdd(poly, r, hn::Set(tag, 2.4022651066560616e-01));
  poly = hn::MulAdd(poly, r, hn::Set(tag, 6.931471807045321e-01));
  poly = hn::MulAdd(poly, r, hn::Set(tag, 1.0));
  const hn::RebindToUnsigned<Doubles> bits;
  return hn::BitCast(
      tag, hn::Add(hn::BitCast(bits, poly), hn::ShiftLeft<52>(hn::BitCast(bits, shifted))));
}

ExponentialSums SumExponentials(absl::Span<const float> row, double reference,
                                double inverse_temperature) {
  const Doubles tag;
  const V scale = hn::Set(tag, inverse_temperature);
  const V top = hn::Set(tag, reference * inverse_temperature);
  const V floor = hn::Set(tag, -708.0);
  V e_sum = hn::Zero(tag), ed_sum = hn::Zero(tag), edd_sum = hn::Zero(tag);
  ForEachVector(row, -std::numeric_limits<float>::infinity(), [&](const float* z) HWY_ATTR {
    // The next row block comes from memory while this one is computed.
    hwy::Prefetch(z + kSummaryBlock);
    const V d = hn::Max(floor, hn::MulSub(LoadAsDouble(z), scale, top));
    const V e = FastExp(d);
    const V ed = hn::Mul(e, d);
    e_sum = hn::Add(e_sum, e);
    ed_sum = hn::Add(ed_sum, ed);
    edd_sum = hn::MulAdd(ed, d, edd_sum);
  });
  return {Total(e_sum), Total(ed_sum), Total(edd_sum)};
}

// ln p and p of one vector of outcomes, and which of them can occur.
struct Outcomes {
  V log_p, p;
  hn::Mask<Doubles> possible;
};
HWY_INLINE Outcomes FromProbabilities(V p) {
  return {hn::Log(Doubles(), p), p, hn::Gt(p, hn::Zero(Doubles()))};
}
HWY_INLINE Outcomes FromLogits(V z, double log_sum_exp) {
  const Doubles tag;
  const V log_p = hn::Sub(z, hn::Set(tag, log_sum_exp));
  return {log_p, hn::Exp(tag, log_p),
          hn::Gt(z, hn::Set(tag, -std::numeric_limits<double>::infinity()))};
}

double SumPLogP(absl::Span<const double> p) {
  V sum = hn::Zero(Doubles());
  ForEachVector(p, 0.0, [&](const double* from) HWY_ATTR {
    const Outcomes o = FromProbabilities(LoadAsDouble(from));
    sum = hn::Add(sum, hn::IfThenElseZero(o.possible, hn::Mul(o.p, o.log_p)));
  });
  return Total(sum);
}

double SumPSquaredDeviation(absl::Span<const double> p, double mean) {
  V sum = hn::Zero(Doubles());
  ForEachVector(p, 0.0, [&](const double* from) HWY_ATTR {
    const Outcomes o = FromProbabilities(LoadAsDouble(from));
    const V deviation = hn::Sub(o.log_p, hn::Set(Doubles(), mean));
    sum = hn::Add(sum, hn::IfThenElseZero(o.possible, hn::Mul(o.p, hn::Mul(deviation, deviation))));
  });
  return Total(sum);
}

double SumPLogRatio(absl::Span<const double> p, absl::Span<const double> q) {
  V sum = hn::Zero(Doubles());
  ForEachPair(p, q, 0.0, [&](const double* from_p, const double* from_q) HWY_ATTR {
    const Outcomes o = FromProbabilities(LoadAsDouble(from_p));
    const V log_q = hn::Log(Doubles(), LoadAsDouble(from_q));
    sum = hn::Add(sum, hn::IfThenElseZero(o.possible, hn::Mul(o.p, hn::Sub(o.log_p, log_q))));
  });
  return Total(sum);
}

double SumPLogRatioOfLogits(absl::Span<const float> z_p, double p_log_sum_exp,
                            absl::Span<const float> z_q, double q_log_sum_exp) {
  V sum = hn::Zero(Doubles());
  ForEachPair(z_p, z_q, -std::numeric_limits<float>::infinity(),
              [&](const float* from_p, const float* from_q) HWY_ATTR {
                const Outcomes o = FromLogits(LoadAsDouble(from_p), p_log_sum_exp);
                const V log_q = hn::Sub(LoadAsDouble(from_q), hn::Set(Doubles(), q_log_sum_exp));
                sum = hn::Add(
                    sum, hn::IfThenElseZero(o.possible, hn::Mul(o.p, hn::Sub(o.log_p, log_q))));
              });
  return Total(sum);
}

// p^order - p. Where the power is nearly p the difference comes from expm1, else it would be
// rounding noise.
HWY_INLINE V PowerExcess(const Outcomes& o, double order) {
  const Doubles tag;
  const V exponent = hn::Mul(hn::Set(tag, order - 1), o.log_p);
  const V near = hn::Mul(o.p, hn::Expm1(tag, exponent));
  const V far = hn::Sub(hn::Exp(tag, hn::Mul(hn::Set(tag, order), o.log_p)), o.p);
  const V excess = hn::IfThenElse(hn::Lt(hn::Abs(exponent), hn::Set(tag, 1.0)), near, far);
  return hn::IfThenElseZero(o.possible, excess);
}

// (p / scale)^order.
HWY_INLINE V ScaledPower(const Outcomes& o, double order, double log_scale) {
  const Doubles tag;
  const V power = hn::Mul(hn::Set(tag, order), hn::Sub(o.log_p, hn::Set(tag, log_scale)));
  return hn::IfThenElseZero(o.possible, hn::Exp(tag, power));
}

double SumPowerExcess(absl::Span<const double> p, double order) {
  V sum = hn::Zero(Doubles());
  ForEachVector(p, 0.0, [&](const double* from) HWY_ATTR {
    sum = hn::Add(sum, PowerExcess(FromProbabilities(LoadAsDouble(from)), order));
  });
  return Total(sum);
}

double SumPowerExcessOfLogits(absl::Span<const float> z, double log_sum_exp, double order) {
  V sum = hn::Zero(Doubles());
  ForEachVector(z, -std::numeric_limits<float>::infinity(), [&](const float* from) HWY_ATTR {
    sum = hn::Add(sum, PowerExcess(FromLogits(LoadAsDouble(from), log_sum_exp), order));
  });
  return Total(sum);
}

double SumScaledPower(absl::Span<const double> p, double order, double log_scale) {
  V sum = hn::Zero(Doubles());
  ForEachVector(p, 0.0, [&](const double* from) HWY_ATTR {
    sum = hn::Add(sum, ScaledPower(FromProbabilities(LoadAsDouble(from)), order, log_scale));
  });
  return Total(sum);
}

double SumScaledPowerOfLogits(absl::Span<const float> z, double log_sum_exp, double order,
                              double log_scale) {
  V sum = hn::Zero(Doubles());
  ForEachVector(z, -std::numeric_limits<float>::infinity(), [&](const float* from) HWY_ATTR {
    sum = hn::Add(sum, ScaledPower(FromLogits(LoadAsDouble(from), log_sum_exp), order, log_scale));
  });
  return Total(sum);
}

}  // namespace entrobench::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace entrobench::kernels {

HWY_EXPORT(FindMaximum);
HWY_EXPORT(AppendIndicesBetween);
HWY_EXPORT(SumExponentials);
HWY_EXPORT(SumPLogP);
HWY_EXPORT(SumPSquaredDeviation);
HWY_EXPORT(SumPLogRatio);
HWY_EXPORT(SumPLogRatioOfLogits);
HWY_EXPORT(SumPowerExcess);
HWY_EXPORT(SumPowerExcessOfLogits);
HWY_EXPORT(SumScaledPower);
HWY_EXPORT(SumScaledPowerOfLogits);

RowMaximum FindMaximum(absl::Span<const float> row) {
  return HWY_DYNAMIC_DISPATCH(FindMaximum)(row);
}

void AppendIndicesBetween(absl::Span<const float> row, float low, float high,
                          std::vector<int32_t>* indices) {
  HWY_DYNAMIC_DISPATCH(AppendIndicesBetween)(row, low, high, indices);
}

ExponentialSums SumExponentials(absl::Span<const float> row, double reference,
                                double inverse_temperature) {
  return HWY_DYNAMIC_DISPATCH(SumExponentials)(row, reference, inverse_temperature);
}

double SumPLogP(absl::Span<const double> p) { return HWY_DYNAMIC_DISPATCH(SumPLogP)(p); }

double SumPSquaredDeviation(absl::Span<const double> p, double mean) {
  return HWY_DYNAMIC_DISPATCH(SumPSquaredDeviation)(p, mean);
}

double SumPLogRatio(absl::Span<const double> p, absl::Span<const double> q) {
  return HWY_DYNAMIC_DISPATCH(SumPLogRatio)(p, q);
}

double SumPowerExcess(absl::Span<const double> p, double order) {
  return HWY_DYNAMIC_DISPATCH(SumPowerExcess)(p, order);
}

double SumScaledPower(absl::Span<const double> p, double order, double log_scale) {
  return HWY_DYNAMIC_DISPATCH(SumScaledPower)(p, order, log_scale);
}

double SumPLogRatio(absl::Span<const float> z_p, double p_log_sum_exp, absl::Span<const float> z_q,
                    double q_log_sum_exp) {
  return HWY_DYNAMIC_DISPATCH(SumPLogRatioOfLogits)(z_p, p_log_sum_exp, z_q, q_log_sum_exp);
}

double SumPowerExcess(absl::Span<const float> z, double log_sum_exp, double order) {
  return HWY_DYNAMIC_DISPATCH(SumPowerExcessOfLogits)(z, log_sum_exp, order);
}

double SumScaledPower(absl::Span<const float> z, double log_sum_exp, double order,
                      double log_scale) {
  return HWY_DYNAMIC_DISPATCH(SumScaledPowerOfLogits)(z, log_sum_exp, order, log_scale);
}

}  // namespace entrobench::kernels
#endif  // HWY_ONCE
