// Networks as TorchScript modules, built as a user's own would be: submodules with parameters, and
// forward methods in TorchScript's language. They follow the conventions of torch_network.h:
// methods forward and features, numbered stages, the pixels' mean and deviation inside.
#pragma once

#include <cstdint>

#include "evaluators/adaptation/networks/architecture.h"

namespace torch::jit {
struct Module;
}

namespace entrobench {

// Untrained: weights are drawn from `seed` alone. In training mode; no parameter asks for a
// gradient yet. Callers include torch's module.h.
torch::jit::Module BuildNetwork(Architecture architecture, uint64_t seed);

}  // namespace entrobench
