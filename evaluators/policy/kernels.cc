#include "evaluators/policy/kernels.h"

#include <bit>
#include <cmath>

namespace entrobench::policy {
namespace {

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// The loader picks the widest version that the CPU has.
#define EB_WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EB_WIDE
#endif
#define EB_INLINE inline __attribute__((always_inline))

EB_INLINE float Load(float value) { return value; }
EB_INLINE float Load(Bfloat16 value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16);
}
EB_INLINE void Store(float value, float& to) { to = value; }
EB_INLINE void Store(float value, Bfloat16& to) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  to.bits = static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

// exp(x) for x <= 88, to about 1e-5 relative, without a branch or a call, so that loops around it
// vectorise. 2^n * exp(r), r in [-ln2/2, ln2/2] by a Taylor polynomial of degree 6.
EB_INLINE float Exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float scaled = x * 1.44269504f;
  const int32_t n = static_cast<int32_t>(scaled + (scaled < 0 ? -0.5f : 0.5f));
  const float nf = static_cast<float>(n);
  const float r = (x - nf * 0.693359375f) + nf * 2.12194440e-4f;
  float p = 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  return p * std::bit_cast<float>((n + 127) << 23);
}

template <typename T>
EB_INLINE void RmsNormForwardBody(int64_t rows, int64_t width, const float* x, const float* weight,
                                  float epsilon, T* y, float* inverse_rms) {
  for (int64_t row = 0; row < rows; ++row, x += width, y += width) {
    float squares = 0;
    for (int64_t i = 0; i < width; ++i) squares += x[i] * x[i];
    const float inverse = 1.0f / std::sqrt(squares / static_cast<float>(width) + epsilon);
    inverse_rms[row] = inverse;
    for (int64_t i = 0; i < width; ++i) Store(x[i] * inverse * weight[i], y[i]);
  }
}

template <typename T>
EB_INLINE void RmsNormBackwardBody(int64_t rows, int64_t width, const T* dy, const float* x,
                                   const float* weight, const float* inverse_rms, float* dx,
                                   float* dweight) {
  for (int64_t row = 0; row < rows; ++row, x += width, dy += width, dx += width) {
    const float inverse = inverse_rms[row];
    float dot = 0;
    for (int64_t i = 0; i < width; ++i) {
      const float gradient = Load(dy[i]);
      dweight[i] += gradient * x[i] * inverse;
      dot += gradient * weight[i] * x[i];
    }
    const float pull = dot * inverse * inverse * inverse / static_cast<float>(width);
    for (int64_t i = 0; i < width; ++i) dx[i] = Load(dy[i]) * weight[i] * inverse - x[i] * pull;
  }
}

template <typename T>
EB_INLINE void AddBranchBody(int64_t count, const float* stream, const T* branch, float* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = stream[i] + Load(branch[i]);
}

// Turns the pairs of one head by +angle (sign 1) or -angle (sign -1).
template <typename T>
EB_INLINE void Rotate(int64_t pairs, const T* from, const float* cosines, const float* sines,
                      float sign, T* to) {
  for (int64_t i = 0; i < pairs; ++i) {
    const float even = Load(from[2 * i]);
    const float odd = Load(from[2 * i + 1]);
    const float sine = sign * sines[i];
    Store(even * cosines[i] - odd * sine, to[2 * i]);
    Store(even * sine + odd * cosines[i], to[2 * i + 1]);
  }
}

template <typename T>
EB_INLINE void SplitHeadsForwardBody(const HeadShape& s, const T* qkv, const float* cosines,
                                     const float* sines, T* q, T* k, T* v) {
  const int64_t width = s.heads * s.head_width;
  const int64_t pairs = s.head_width / 2;
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t t = 0; t < s.length; ++t) {
      const T* row = qkv + (b * s.length + t) * 3 * width;
      for (int64_t h = 0; h < s.heads; ++h) {
        const int64_t to = ((b * s.heads + h) * s.length + t) * s.head_width;
        const T* head = row + h * s.head_width;
        Rotate(pairs, head, cosines + t * pairs, sines + t * pairs, 1.0f, q + to);
        Rotate(pairs, head + width, cosines + t * pairs, sines + t * pairs, 1.0f, k + to);
        for (int64_t i = 0; i < s.head_width; ++i) v[to + i] = head[2 * width + i];
      }
    }
  }
}

template <typename T>
EB_INLINE void SplitHeadsBackwardBody(const HeadShape& s, const T* dq, const T* dk, const T* dv,
                                      const float* cosines, const float* sines, T* dqkv) {
  const int64_t width = s.heads * s.head_width;
  const int64_t pairs = s.head_width / 2;
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t t = 0; t < s.length; ++t) {
      T* row = dqkv + (b * s.length + t) * 3 * width;
      for (int64_t h = 0; h < s.heads; ++h) {
        const int64_t from = ((b * s.heads + h) * s.length + t) * s.head_width;
        T* head = row + h * s.head_width;
        Rotate(pairs, dq + from, cosines + t * pairs, sines + t * pairs, -1.0f, head);
        Rotate(pairs, dk + from, cosines + t * pairs, sines + t * pairs, -1.0f, head + width);
        for (int64_t i = 0; i < s.head_width; ++i) head[2 * width + i] = dv[from + i];
      }
    }
  }
}

template <typename T>
EB_INLINE void CausalSoftmaxForwardBody(int64_t matrices, int64_t length, float scale, T* scores) {
  for (int64_t m = 0; m < matrices; ++m) {
    for (int64_t t = 0; t < length; ++t, scores += length) {
      float highest = -INFINITY;
      for (int64_t i = 0; i <= t; ++i) {
        const float score = Load(scores[i]);
        highest = score > highest ? score : highest;
      }
      float sum = 0;
      for (int64_t i = 0; i <= t; ++i) {
        const float weight = Exp(scale * (Load(scores[i]) - highest));
        sum += weight;
        Store(weight, scores[i]);
      }
      const float inverse = 1.0f / sum;
      for (int64_t i = 0; i <= t; ++i) Store(Load(scores[i]) * inverse, scores[i]);
      for (int64_t i = t + 1; i < length; ++i) scores[i] = T{};
    }
  }
}

template <typename T>
EB_INLINE void CausalSoftmaxBackwardBody(int64_t matrices, int64_t length, float scale,
                                         const T* probabilities, T* gradient) {
  for (int64_t m = 0; m < matrices; ++m) {
    for (int64_t t = 0; t < length; ++t, probabilities += length, gradient += length) {
      float dot = 0;
      for (int64_t i = 0; i <= t; ++i) dot += Load(probabilities[i]) * Load(gradient[i]);
      for (int64_t i = 0; i <= t; ++i) {
        Store(scale * Load(probabilities[i]) * (Load(gradient[i]) - dot), gradient[i]);
      }
      for (int64_t i = t + 1; i < length; ++i) gradient[i] = T{};
    }
  }
}

template <typename T>
EB_INLINE void SwiGluForwardRow(int64_t inner, const T* __restrict gates, const T* __restrict ups,
                                T* __restrict y) {
  for (int64_t i = 0; i < inner; ++i) {
    const float gate = Load(gates[i]);
    Store(gate / (1.0f + Exp(-gate)) * Load(ups[i]), y[i]);
  }
}

template <typename T>
EB_INLINE void SwiGluBackwardRow(int64_t inner, const T* __restrict gates, const T* __restrict ups,
                                 const T* __restrict dy, T* __restrict dgates, T* __restrict dups) {
  for (int64_t i = 0; i < inner; ++i) {
    const float gate = Load(gates[i]);
    const float gradient = Load(dy[i]);
    const float sigmoid = 1.0f / (1.0f + Exp(-gate));
    Store(gradient * Load(ups[i]) * sigmoid * (1.0f + gate * (1.0f - sigmoid)), dgates[i]);
    Store(gradient * gate * sigmoid, dups[i]);
  }
}

template <typename T>
EB_INLINE void SwiGluForwardBody(int64_t rows, int64_t inner, const T* gate_up, T* y) {
  for (int64_t row = 0; row < rows; ++row, gate_up += 2 * inner, y += inner) {
    SwiGluForwardRow(inner, gate_up, gate_up + inner, y);
  }
}

template <typename T>
EB_INLINE void SwiGluBackwardBody(int64_t rows, int64_t inner, const T* gate_up, const T* dy,
                                  T* dgate_up) {
  for (int64_t row = 0; row < rows;
       ++row, gate_up += 2 * inner, dgate_up += 2 * inner, dy += inner) {
    SwiGluBackwardRow(inner, gate_up, gate_up + inner, dy, dgate_up, dgate_up + inner);
  }
}

template <typename T>
EB_INLINE double WeightedCrossEntropyBody(int64_t rows, int64_t classes, T* logits,
                                          const int64_t* targets, const float* weights) {
  double loss = 0;
  for (int64_t row = 0; row < rows; ++row, logits += classes) {
    float highest = -INFINITY;
    for (int64_t i = 0; i < classes; ++i) {
      const float logit = Load(logits[i]);
      highest = logit > highest ? logit : highest;
    }
    const float target_logit = Load(logits[targets[row]]);
    float sum = 0;
    for (int64_t i = 0; i < classes; ++i) sum += Exp(Load(logits[i]) - highest);
    const float scale = weights[row] / sum;
    for (int64_t i = 0; i < classes; ++i) Store(scale * Exp(Load(logits[i]) - highest), logits[i]);
    const float probability = Exp(target_logit - highest) / sum;
    Store(weights[row] * (probability - 1.0f), logits[targets[row]]);
    loss += static_cast<double>(weights[row]) * (std::log(sum) + highest - target_logit);
  }
  return loss;
}

template <typename T>
void CopyHeads(const HeadShape& s, const T* from, T* to, bool merge) {
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t h = 0; h < s.heads; ++h) {
      for (int64_t t = 0; t < s.length; ++t) {
        const int64_t split = ((b * s.heads + h) * s.length + t) * s.head_width;
        const int64_t merged = ((b * s.length + t) * s.heads + h) * s.head_width;
        const T* source = from + (merge ? split : merged);
        T* target = to + (merge ? merged : split);
        for (int64_t i = 0; i < s.head_width; ++i) target[i] = source[i];
      }
    }
  }
}

}  // namespace

// target_clones cannot stand on a template: one specialisation of each kernel a type.
#define EB_KERNELS(T)                                                                              \
  template <>                                                                                      \
  EB_WIDE void RmsNormForward<T>(int64_t rows, int64_t width, const float* x, const float* weight, \
                                 float epsilon, T* y, float* inverse_rms) {                        \
    RmsNormForwardBody(rows, width, x, weight, epsilon, y, inverse_rms);                           \
  }                                                                                                \
  template <>                                                                                      \
  EB_WIDE void RmsNormBackward<T>(int64_t rows, int64_t width, const T* dy, const float* x,        \
                                  const float* weight, const float* inverse_rms, float* dx,        \
                                  float* dweight) {                                                \
    RmsNormBackwardBody(rows, width, dy, x, weight, inverse_rms, dx, dweight);                     \
  }                                                                                                \
  template <>                                                                                      \
  EB_WIDE void AddBranch<T>(int64_t count, const float* stream, const T* branch, float* out) {     \
    AddBranchBody(count, stream, branch, out);                                                     \
  }                                                                                                \
  template <>                                                                                      \
  EB_WIDE void SplitHeadsForward<T>(const HeadShape& shape, const T* qkv, const float* cosines,    \
                                    const float* sines, T* q, T* k, T* v) {                        \
    SplitHeadsForwardBody(shape, qkv, cosines, sines, q, k, v);                                    \
  }                                                                                                \
  template <>                                                                                      \
  EB_WIDE void SplitHeadsBackward<T>(const HeadShape& shape, const T* dq, const T* dk,             \
                                     const T* dv, const float* cosines, const float* sines,        \
                                     T* dqkv) {                                                    \
    SplitHeadsBackwardBody(shape, dq, dk, dv, cosines, sines, dqkv);                               \
  }                                                                                                \
  template <>                                                                                      \
  void MergeHeads<T>(const HeadShape& shape, const T* split, T* merged) {                          \
    CopyHeads(shape, split, merged, /*merge=*/true);                                               \
  }                                                                                                \
  template <>                                                                                      \
  void UnmergeHeads<T>(const HeadShape& shape, const T* merged, T* split) {                        \
    CopyHeads(shape, merged, split, /*merge=*/false);                                              \
  }                                                                                                \
  template <>                                                                                      \
  EB_WIDE void CausalSoftmaxForward<T>(int64_t matrices, int64_t length, float scale, T* scores) { \
    CausalSoftmaxForwardBody(matrices, length, scale, scores);                                     \
  }                                                                                                \
  template <>                                                                                      \
  EB_WIDE void CausalSoftmaxBackward<T>(int64_t matrices, int64_t length, float scale,             \
                                        const T* probabilities, T* gradient) {                     \
    CausalSoftmaxBackwardBody(matrices, length, scale, probabilities, gradient);                   \
  }                                                                                                \
  template <>                                                                                      \
  EB_WIDE void SwiGluForward<T>(int64_t rows, int64_t inner, const T* gate_up, T* y) {             \
    SwiGluForwardBody(rows, inner, gate_up, y);                                                    \
  }                                                                                                \
  template <>                                                                                      \
  EB_WIDE void SwiGluBackward<T>(int64_t rows, int64_t inner, const T* gate_up, const T* dy,       \
                                 T* dgate_up) {                                                    \
    SwiGluBackwardBody(rows, inner, gate_up, dy, dgate_up);                                        \
  }                                                                                                \
  template <>                                                                                      \
  EB_WIDE double WeightedCrossEntropy<T>(int64_t rows, int64_t classes, T * logits,                \
                                         const int64_t* targets, const float* weights) {           \
    return WeightedCrossEntropyBody(rows, classes, logits, targets, weights);                      \
  }

EB_KERNELS(float)
EB_KERNELS(Bfloat16)

}  // namespace entrobench::policy
