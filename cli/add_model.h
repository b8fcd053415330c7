// A file becomes a model: sent to the coordinator, registered, said.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/client.h"
#include "cli/context.h"

namespace entrobench::cli {

// Uploads a GGUF or TorchScript file and registers it; says first which of them it is.
// `description` may be empty. InvalidArgument when it is neither.
absl::StatusOr<v1::ModelInfo> AddModelFile(Context& context, Client& client,
                                           const std::string& name, const std::string& path,
                                           const std::string& description);

// One line, or with `json` the whole of it.
void PrintAdded(Context& context, const v1::ModelInfo& model, bool json);

}  // namespace entrobench::cli
