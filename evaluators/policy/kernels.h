// The passes of a transformer between its matrix products, forward and backward, each in one sweep
// over memory. torch's own would take several sweeps each and, on a CPU with matrix units, most of
// a training step. Single-threaded: the trainer runs one shard of a batch on each core. Free of
// torch.
//
// T is the type of activations: float, or Bfloat16 for matrix units. Sums are taken in float.
// Gradients named d*.
#pragma once

#include <cstdint>

namespace entrobench::policy {

struct Bfloat16 {  // the upper half of a float, rounded to nearest even
  uint16_t bits;
};

// y = x / rms(x) * weight for each of `rows` rows of `width`; keeps 1 / rms for the backward pass.
// The backward pass sets dx and adds to dweight.
template <typename T>
void RmsNormForward(int64_t rows, int64_t width, const float* x, const float* weight, float epsilon,
                    T* y, float* inverse_rms);
template <typename T>
void RmsNormBackward(int64_t rows, int64_t width, const T* dy, const float* x, const float* weight,
                     const float* inverse_rms, float* dx, float* dweight);

// out = stream + branch, both [count]; backward is a conversion, which torch does well.
template <typename T>
void AddBranch(int64_t count, const float* stream, const T* branch, float* out);

// From projections qkv [batch, length, 3 * heads * head_width] to q, k, v [batch, heads, length,
// head_width], q and k turned by rotary embeddings: pairs (2i, 2i+1), as llama.cpp's architecture
// "llama" has them. cosines and sines are [length, head_width / 2]. Backward takes the gradients
// the opposite way and turns them back.
struct HeadShape {
  int64_t batch, length, heads, head_width;
};
template <typename T>
void SplitHeadsForward(const HeadShape& shape, const T* qkv, const float* cosines,
                       const float* sines, T* q, T* k, T* v);
template <typename T>
void SplitHeadsBackward(const HeadShape& shape, const T* dq, const T* dk, const T* dv,
                        const float* cosines, const float* sines, T* dqkv);

// [batch, heads, length, head_width] <-> [batch, length, heads * head_width].
template <typename T>
void MergeHeads(const HeadShape& shape, const T* split, T* merged);
template <typename T>
void UnmergeHeads(const HeadShape& shape, const T* merged, T* split);

// In place over [matrices, length, length]: softmax of scale * score over the columns up to the
// row's own; the rest become 0. Backward turns dprobabilities into dscores, in place.
template <typename T>
void CausalSoftmaxForward(int64_t matrices, int64_t length, float scale, T* scores);
template <typename T>
void CausalSoftmaxBackward(int64_t matrices, int64_t length, float scale, const T* probabilities,
                           T* gradient);

// gate_up [rows, 2 * inner] -> silu(gate) * up [rows, inner].
template <typename T>
void SwiGluForward(int64_t rows, int64_t inner, const T* gate_up, T* y);
template <typename T>
void SwiGluBackward(int64_t rows, int64_t inner, const T* gate_up, const T* dy, T* dgate_up);

// Sum over the rows of weights[row] * -log softmax(logits[row])[targets[row]]; `logits` [rows,
// classes] become the gradient of that sum.
template <typename T>
double WeightedCrossEntropy(int64_t rows, int64_t classes, T* logits, const int64_t* targets,
                            const float* weights);

}  // namespace entrobench::policy
