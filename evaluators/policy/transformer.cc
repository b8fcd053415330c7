#include "evaluators/policy/transformer.h"

#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/random.h"
#include "evaluators/policy/kernels.h"

namespace entrobench::policy {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::tensor_list;

static_assert(sizeof(Bfloat16) == sizeof(c10::BFloat16));

template <typename T>
T* Data(const Tensor& tensor) {
  return static_cast<T*>(tensor.data_ptr());
}

// Calls `kernel` with a value of the type that a tensor's elements have.
template <typename Kernel>
void WithElementType(const Tensor& tensor, Kernel&& kernel) {
  if (tensor.scalar_type() == torch::kBFloat16) {
    kernel(Bfloat16{});
  } else {
    kernel(float{});
  }
}

// float [rows, width] -> activations [rows, width].
struct RmsNorm : Function<RmsNorm> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight,
                        double epsilon, torch::ScalarType type) {
    const Tensor y = torch::empty(x.sizes(), x.options().dtype(type));
    const Tensor inverse_rms = torch::empty({x.size(0)}, x.options());
    WithElementType(y, [&]<typename T>(T) {
      RmsNormForward(x.size(0), x.size(1), Data<float>(x), Data<float>(weight),
                     static_cast<float>(epsilon), Data<T>(y), Data<float>(inverse_rms));
    });
    context->save_for_backward({x, weight, inverse_rms});
    return y;
  }
  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor dy = gradients[0].contiguous();
    const Tensor dx = torch::empty_like(saved[0]);
    const Tensor dweight = torch::zeros_like(saved[1]);
    WithElementType(dy, [&]<typename T>(T) {
      RmsNormBackward(dx.size(0), dx.size(1), Data<T>(dy), Data<float>(saved[0]),
                      Data<float>(saved[1]), Data<float>(saved[2]), Data<float>(dx),
                      Data<float>(dweight));
    });
    return {dx, dweight, Tensor(), Tensor()};
  }
};

// The residual stream (float) plus a branch's output (activations).
struct Residual : Function<Residual> {
  static Tensor forward(AutogradContext* context, const Tensor& stream, const Tensor& branch) {
    context->saved_data["type"] = static_cast<int64_t>(branch.scalar_type());
    const Tensor sum = torch::empty_like(stream);
    WithElementType(branch, [&]<typename T>(T) {
      AddBranch(stream.numel(), Data<float>(stream), Data<T>(branch), Data<float>(sum));
    });
    return sum;
  }
  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto type = static_cast<torch::ScalarType>(context->saved_data["type"].toInt());
    return {gradients[0], gradients[0].to(type)};
  }
};

// Projections [batch * length, 3 * width] -> what the heads saw, [batch * length, width].
struct CausalAttention : Function<CausalAttention> {
  static HeadShape Shape(const Tensor& q) { return {q.size(0), q.size(2), q.size(1), q.size(3)}; }
  static Tensor Flat(const Tensor& heads) {
    return heads.flatten(0, 1);
  }  // [batch * heads, length, head width]
  static float Scale(const HeadShape& shape) {
    return 1.0f / std::sqrt(static_cast<float>(shape.head_width));
  }

  static Tensor forward(AutogradContext* context, const Tensor& qkv, const Tensor& cosines,
                        const Tensor& sines, int64_t batch, int64_t heads) {
    const int64_t width = qkv.size(1) / 3;
    const HeadShape shape{batch, qkv.size(0) / batch, heads, width / heads};
    const auto split = [&] {
      return torch::empty({batch, heads, shape.length, shape.head_width}, qkv.options());
    };
    const Tensor q = split(), k = split(), v = split();
    WithElementType(qkv, [&]<typename T>(T) {
      SplitHeadsForward(shape, Data<T>(qkv), Data<float>(cosines), Data<float>(sines), Data<T>(q),
                        Data<T>(k), Data<T>(v));
    });
    const Tensor probabilities = torch::bmm(Flat(q), Flat(k).transpose(1, 2)).contiguous();
    WithElementType(qkv, [&]<typename T>(T) {
      CausalSoftmaxForward(batch * heads, shape.length, Scale(shape), Data<T>(probabilities));
    });
    const Tensor seen = torch::bmm(probabilities, Flat(v)).contiguous();
    const Tensor merged = torch::empty({qkv.size(0), width}, qkv.options());
    WithElementType(qkv, [&]<typename T>(T) { MergeHeads(shape, Data<T>(seen), Data<T>(merged)); });
    context->save_for_backward({q, k, v, probabilities, cosines, sines});
    return merged;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &q = saved[0], &k = saved[1], &v = saved[2], &probabilities = saved[3];
    const HeadShape shape = Shape(q);
    const Tensor dmerged = gradients[0].contiguous();
    const Tensor dseen = torch::empty_like(Flat(q));
    WithElementType(q,
                    [&]<typename T>(T) { UnmergeHeads(shape, Data<T>(dmerged), Data<T>(dseen)); });
    const Tensor dv = torch::bmm(probabilities.transpose(1, 2), dseen).contiguous();
    const Tensor dscores = torch::bmm(dseen, Flat(v).transpose(1, 2)).contiguous();
    WithElementType(q, [&]<typename T>(T) {
      CausalSoftmaxBackward(shape.batch * shape.heads, shape.length, Scale(shape),
                            Data<T>(probabilities), Data<T>(dscores));
    });
    const Tensor dq = torch::bmm(dscores, Flat(k)).contiguous();
    const Tensor dk = torch::bmm(dscores.transpose(1, 2), Flat(q)).contiguous();
    const Tensor dqkv = torch::empty({dmerged.size(0), 3 * dmerged.size(1)}, dmerged.options());
    WithElementType(q, [&]<typename T>(T) {
      SplitHeadsBackward(shape, Data<T>(dq), Data<T>(dk), Data<T>(dv), Data<float>(saved[4]),
                         Data<float>(saved[5]), Data<T>(dqkv));
    });
    return {dqkv, Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

// [rows, 2 * inner] -> [rows, inner].
struct SwiGlu : Function<SwiGlu> {
  static Tensor forward(AutogradContext* context, const Tensor& gate_up) {
    const Tensor y = torch::empty({gate_up.size(0), gate_up.size(1) / 2}, gate_up.options());
    WithElementType(y, [&]<typename T>(T) {
      SwiGluForward(y.size(0), y.size(1), Data<T>(gate_up), Data<T>(y));
    });
    context->save_for_backward({gate_up});
    return y;
  }
  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const Tensor gate_up = context->get_saved_variables()[0];
    const Tensor dy = gradients[0].contiguous();
    const Tensor dgate_up = torch::empty_like(gate_up);
    WithElementType(dy, [&]<typename T>(T) {
      SwiGluBackward(dy.size(0), dy.size(1), Data<T>(gate_up), Data<T>(dy), Data<T>(dgate_up));
    });
    return {dgate_up};
  }
};

// Overwrites `logits` with their gradient: the caller gives them away.
struct CrossEntropy : Function<CrossEntropy> {
  static Tensor forward(AutogradContext* context, const Tensor& logits, const Tensor& targets,
                        const Tensor& weights) {
    double loss = 0;
    WithElementType(logits, [&]<typename T>(T) {
      loss = WeightedCrossEntropy(logits.size(0), logits.size(1), Data<T>(logits),
                                  Data<int64_t>(targets), Data<float>(weights));
    });
    context->save_for_backward({logits});
    return torch::tensor(loss, torch::kFloat64);
  }
  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const Tensor dlogits = context->get_saved_variables()[0];
    const double scale = gradients[0].item<double>();
    return {scale == 1.0 ? dlogits : dlogits * scale, Tensor(), Tensor()};
  }
};

}  // namespace

bool HasFastBfloat16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

Transformer::Transformer(const TransformerConfig& config, uint64_t seed, Precision precision)
    : config_(config),
      activation_type_(precision == Precision::kBfloat16 ? torch::kBFloat16 : torch::kFloat32) {
  const int64_t width = config.width;
  const int64_t inner = config.feed_forward;
  token_embedding_ = Add("token_embd.weight", {config.vocab_size, width});
  for (int layer = 0; layer < config.layers; ++layer) {
    const std::string prefix = absl::StrCat("blk.", layer, ".");
    Block& block = blocks_.emplace_back();
    block.attn_norm = Add(prefix + "attn_norm.weight", {width});
    block.attn_q = Add(prefix + "attn_q.weight", {width, width});
    block.attn_k = Add(prefix + "attn_k.weight", {width, width});
    block.attn_v = Add(prefix + "attn_v.weight", {width, width});
    block.attn_output = Add(prefix + "attn_output.weight", {width, width});
    block.ffn_norm = Add(prefix + "ffn_norm.weight", {width});
    block.ffn_gate = Add(prefix + "ffn_gate.weight", {inner, width});
    block.ffn_up = Add(prefix + "ffn_up.weight", {inner, width});
    block.ffn_down = Add(prefix + "ffn_down.weight", {width, inner});
  }
  output_norm_ = Add("output_norm.weight", {width});

  // Matrices start with variance 1/2 / inputs, those that write into the residual stream smaller by
  // the number of writers, so that the stream's size does not depend on the depth.
  torch::NoGradGuard no_gradient;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const auto& [name, value] = parameters_[i];
    if (value.dim() == 1) {
      value.fill_(1.0f);
      continue;
    }
    double deviation = std::sqrt(0.5 / static_cast<double>(value.size(1)));
    if (name == "token_embd.weight") deviation = 0.05;
    if (absl::StrContains(name, "attn_output") || absl::StrContains(name, "ffn_down")) {
      deviation /= std::sqrt(2.0 * config.layers);
    }
    Random random(seed, i);
    for (int64_t j = 0; j < value.numel(); ++j) {
      Data<float>(value)[j] = static_cast<float>(deviation * random.Normal());
    }
  }

  const int64_t pairs = config.head_width() / 2;
  cosines_ = torch::empty({config.context_length, pairs});
  sines_ = torch::empty({config.context_length, pairs});
  for (int64_t position = 0; position < config.context_length; ++position) {
    for (int64_t pair = 0; pair < pairs; ++pair) {
      const double angle =
          static_cast<double>(position) *
          std::pow(config.rope_base, -static_cast<double>(pair) / static_cast<double>(pairs));
      Data<float>(cosines_)[position * pairs + pair] = static_cast<float>(std::cos(angle));
      Data<float>(sines_)[position * pairs + pair] = static_cast<float>(std::sin(angle));
    }
  }
}

Tensor Transformer::Add(const std::string& name, std::vector<int64_t> shape) {
  return parameters_.emplace_back(Parameter{name, torch::empty(shape).requires_grad_()}).value;
}

Tensor Transformer::InPrecision(const Tensor& weight) const { return weight.to(activation_type_); }

Tensor Transformer::Hidden(const Tensor& ids) const {
  const int64_t batch = ids.size(0);
  TORCH_CHECK(ids.size(1) <= config_.context_length, "a row is longer than the context");
  const double epsilon = config_.rms_epsilon;
  Tensor stream = torch::embedding(token_embedding_, ids.reshape({-1}));
  for (const Block& block : blocks_) {
    const Tensor attention_in = RmsNorm::apply(stream, block.attn_norm, epsilon, activation_type_);
    const Tensor qkv = torch::linear(
        attention_in, InPrecision(torch::cat({block.attn_q, block.attn_k, block.attn_v})));
    const Tensor seen =
        CausalAttention::apply(qkv, cosines_, sines_, batch, static_cast<int64_t>(config_.heads));
    stream = Residual::apply(stream, torch::linear(seen, InPrecision(block.attn_output)));

    const Tensor mlp_in = RmsNorm::apply(stream, block.ffn_norm, epsilon, activation_type_);
    const Tensor gate_up =
        torch::linear(mlp_in, InPrecision(torch::cat({block.ffn_gate, block.ffn_up})));
    stream =
        Residual::apply(stream, torch::linear(SwiGlu::apply(gate_up), InPrecision(block.ffn_down)));
  }
  return RmsNorm::apply(stream, output_norm_, epsilon, activation_type_);
}

Tensor Transformer::Logits(const Tensor& ids) const {
  const Tensor logits = torch::linear(Hidden(ids), InPrecision(token_embedding_));
  return logits.to(torch::kFloat32).view({ids.size(0), ids.size(1), config_.vocab_size});
}

Tensor Transformer::WeightedLoss(const Tensor& ids, const Tensor& targets,
                                 const Tensor& weights) const {
  const Tensor logits = torch::linear(Hidden(ids), InPrecision(token_embedding_));
  return CrossEntropy::apply(logits, targets.contiguous(), weights.contiguous());
}

int64_t Transformer::ParameterCount() const {
  int64_t count = 0;
  for (const Parameter& parameter : parameters_) count += parameter.value.numel();
  return count;
}

std::vector<NamedWeights> Transformer::ExportWeights() const {
  std::vector<NamedWeights> weights;
  for (const Parameter& parameter : parameters_) {
    const float* data = Data<float>(parameter.value);
    weights.push_back({parameter.name, parameter.value.sizes().vec(),
                       std::vector<float>(data, data + parameter.value.numel())});
  }
  return weights;
}

absl::Status Transformer::ImportWeights(absl::Span<const NamedWeights> weights) {
  if (weights.size() != parameters_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(weights.size(), " tensors where the model has ", parameters_.size()));
  }
  for (const Parameter& parameter : parameters_) {
    const auto match = std::find_if(
        weights.begin(), weights.end(),
        [&](const NamedWeights& candidate) { return candidate.name == parameter.name; });
    if (match == weights.end() || match->shape != parameter.value.sizes().vec()) {
      return absl::InvalidArgumentError(
          absl::StrCat("no tensor ", parameter.name, " of the right shape"));
    }
    std::copy(match->values.begin(), match->values.end(), Data<float>(parameter.value));
  }
  return absl::OkStatus();
}

}  // namespace entrobench::policy
