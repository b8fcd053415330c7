// The shape of a decoder-only transformer of the Llama family. Free of torch, so that files that
// only name a model read it cheaply.
#pragma once

namespace entrobench::policy {

struct TransformerConfig {
  int vocab_size = 1024;
  int context_length = 1024;  // positions the exported model advertises
  int width = 160;            // of the residual stream; a multiple of heads
  int layers = 6;
  int heads = 5;           // width / heads must be even: rotary embeddings turn pairs
  int feed_forward = 448;  // inner width of SwiGLU
  float rms_epsilon = 1e-5f;
  float rope_base = 10000.0f;

  int head_width() const { return width / heads; }
};

}  // namespace entrobench::policy
