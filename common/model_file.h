// What kind of model a file holds, told by its content.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "entrobench/v1/catalog.pb.h"

namespace entrobench {

// KIND_GGUF: it begins with "GGUF". KIND_TORCH: a TorchScript archive, as torch.jit.save writes it.
// InvalidArgument for anything else, in a sentence about "this file" that names both kinds, and for
// a checkpoint of torch.save (parameters without the network's code) how to save it instead.
// NotFound and its kin when it cannot be read.
absl::StatusOr<v1::ModelInfo::Kind> ModelKindOf(const std::string& path);

}  // namespace entrobench
