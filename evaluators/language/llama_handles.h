// Owners of llama.cpp's objects.
#pragma once

#include <memory>

#include "llama.h"

namespace entrobench {

struct LlamaModelFree {
  void operator()(llama_model* model) const { llama_model_free(model); }
};
struct LlamaContextFree {
  void operator()(llama_context* context) const { llama_free(context); }
};
using LlamaModelPtr = std::unique_ptr<llama_model, LlamaModelFree>;
using LlamaContextPtr = std::unique_ptr<llama_context, LlamaContextFree>;

}  // namespace entrobench
