// Models by name. What a kind of model can do is known here without loading it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/artifacts.h"
#include "coordinator/store/store.h"
#include "entrobench/v1/catalog.pb.h"

namespace entrobench {

// Letters, digits, '.', '_', '-', at most 100; InvalidArgument says so otherwise. For models and
// users' suites.
absl::Status CheckName(absl::string_view what, absl::string_view name);

// The info of a model's file that is in the store: kind and capabilities by its content (what the
// llama.cpp engine gives on a GGUF file; classification by a TorchScript network), size, digest.
// InvalidArgument when the file is of neither kind, or not of the kind that was `wanted`
// (KIND_UNSPECIFIED: any).
absl::StatusOr<v1::ModelInfo> DescribeModelFile(
    const std::string& name, const std::string& path, const std::string& digest,
    v1::ModelInfo::Kind wanted = v1::ModelInfo::KIND_UNSPECIFIED);

// AlreadyExists when a model of this name comes with Entrobench: at the next start the name would
// mean that one again.
absl::Status CheckNotBuiltin(const std::string& name, const std::vector<v1::ModelInfo>& models);

// The info of an OpenAI-compatible endpoint from what was asked for: name, endpoint_url,
// endpoint_model, api_key_env, and capabilities when it gives less than the usual ones (generate,
// top log-probabilities). InvalidArgument says what is wrong. Sends nothing to the endpoint: only
// the workers need to reach it.
absl::StatusOr<v1::ModelInfo> DescribeEndpoint(const v1::ModelInfo& wanted);

// Registers every *.gguf and *.pt in `models_dir` under its file name without the ending, as
// built-in. A file that is registered already with the same digest stays as it is, and so does a
// user's own model of that name (a warning is logged). A folder that is not there is no error (a
// warning is logged).
absl::Status RegisterBuiltinModels(const std::string& models_dir, Artifacts* artifacts,
                                   Store* store);

}  // namespace entrobench
