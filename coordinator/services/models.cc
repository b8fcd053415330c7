#include "coordinator/services/models.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/digest.h"
#include "common/endpoint_url.h"
#include "common/logging.h"
#include "common/model_file.h"
#include "common/status_macros.h"
#include "coordinator/store/blocking.h"

namespace entrobench {
namespace {

bool IsVariableName(absl::string_view text) {
  return !absl::ascii_isdigit(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
         });
}

std::vector<v1::Capability> CapabilitiesOf(v1::ModelInfo::Kind file_kind) {
  if (file_kind == v1::ModelInfo::KIND_TORCH) return {v1::CAPABILITY_CLASSIFY};
  // What evaluators/language/llama_engine gives on any GGUF model.
  return {v1::CAPABILITY_GENERATE,    v1::CAPABILITY_TOP_LOGPROBS, v1::CAPABILITY_STEP,
          v1::CAPABILITY_FULL_LOGITS, v1::CAPABILITY_FORK,         v1::CAPABILITY_HIDDEN_STATES,
          v1::CAPABILITY_ROLLBACK};
}

absl::Status PutBuiltin(const v1::ModelInfo& model, const std::string& file_name, Store* store) {
  ArtifactRecord record;
  record.digest = model.digest();
  record.size_bytes = model.size_bytes();
  record.file_name = file_name;
  EB_RETURN_IF_ERROR(WaitFor<absl::Status>([&](std::function<void(absl::Status)> done) {
    store->PutArtifact(record, std::move(done));
  }));
  return WaitFor<absl::Status>(
      [&](std::function<void(absl::Status)> done) { store->PutModel(model, std::move(done)); });
}

}  // namespace

absl::Status CheckName(absl::string_view what, absl::string_view name) {
  const bool good = !name.empty() && name.size() <= 100 && name[0] != '-' && name[0] != '.' &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
                             c == '_' || c == '-';
                    });
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", name, "' cannot name a ", what,
                   ": use 1 to 100 letters, digits, '.', '_' or '-', and begin with a "
                   "letter or digit"));
}

absl::StatusOr<v1::ModelInfo> DescribeModelFile(const std::string& name, const std::string& path,
                                                const std::string& digest,
                                                v1::ModelInfo::Kind wanted) {
  EB_RETURN_IF_ERROR(CheckName("model", name));
  const absl::StatusOr<v1::ModelInfo::Kind> kind = ModelKindOf(path);
  if (absl::IsInvalidArgument(kind.status())) {
    return absl::InvalidArgumentError(absl::StrCat("model ", name, ": ", kind.status().message()));
  }
  EB_RETURN_IF_ERROR(kind.status());
  if (wanted != v1::ModelInfo::KIND_UNSPECIFIED && wanted != *kind) {
    return absl::InvalidArgumentError(
        absl::StrCat("model ", name, " was to be ", v1::ModelInfo::Kind_Name(wanted),
                     ", but its file is ", v1::ModelInfo::Kind_Name(*kind)));
  }
  v1::ModelInfo model;
  model.set_name(name);
  model.set_kind(*kind);
  model.set_digest(digest);
  std::error_code error;
  model.set_size_bytes(std::filesystem::file_size(path, error));
  for (const v1::Capability capability : CapabilitiesOf(*kind)) model.add_capabilities(capability);
  model.set_added_at(absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone()));
  return model;
}

absl::Status CheckNotBuiltin(const std::string& name, const std::vector<v1::ModelInfo>& models) {
  for (const v1::ModelInfo& model : models) {
    if (model.builtin() && model.name() == name) {
      return absl::AlreadyExistsError(
          absl::StrCat("'", name, "' is a built-in model; give your own another name"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ModelInfo> DescribeEndpoint(const v1::ModelInfo& wanted) {
  EB_RETURN_IF_ERROR(CheckName("model", wanted.name()));
  EB_RETURN_IF_ERROR(ParseEndpointUrl(wanted.endpoint_url()).status());
  if (absl::StripAsciiWhitespace(wanted.endpoint_model()).empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "model ", wanted.name(), " does not say what the server calls it; give --model ID"));
  }
  if (!wanted.digest().empty()) {
    return absl::InvalidArgumentError(
        "an endpoint has no digest: its server may change at any time");
  }
  if (!wanted.api_key_env().empty() && !IsVariableName(wanted.api_key_env())) {
    // Not repeated: it may be the key itself.
    return absl::InvalidArgumentError(
        "--api-key-env wants the name of an environment variable, like OPENAI_API_KEY; the key "
        "itself is read from there on the workers' hosts and never stored");
  }
  for (const int capability : wanted.capabilities()) {
    if (capability == v1::CAPABILITY_GENERATE || capability == v1::CAPABILITY_TOP_LOGPROBS)
      continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "an endpoint cannot give ", v1::Capability_Name(static_cast<v1::Capability>(capability))));
  }
  v1::ModelInfo model;
  model.set_name(wanted.name());
  model.set_kind(v1::ModelInfo::KIND_ENDPOINT);
  model.set_endpoint_url(wanted.endpoint_url());
  model.set_endpoint_model(wanted.endpoint_model());
  model.set_api_key_env(wanted.api_key_env());
  *model.mutable_capabilities() = wanted.capabilities();
  if (model.capabilities().empty()) {
    model.add_capabilities(v1::CAPABILITY_GENERATE);
    model.add_capabilities(v1::CAPABILITY_TOP_LOGPROBS);
  }
  model.set_added_at(absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone()));
  return model;
}

absl::Status RegisterBuiltinModels(const std::string& models_dir, Artifacts* artifacts,
                                   Store* store) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(models_dir, error)) {
    if (entry.path().extension() == ".gguf" || entry.path().extension() == ".pt")
      files.push_back(entry.path());
  }
  if (error || files.empty()) {
    EB_LOG(WARNING) << "no built-in models in " << models_dir
                    << (error ? ": " + error.message() : std::string());
    return absl::OkStatus();
  }
  std::sort(files.begin(), files.end());
  auto catalogue = ReadNow(*store, [](Reader& reader) { return reader.LoadCatalogue(); });
  EB_RETURN_IF_ERROR(catalogue.status());
  for (const auto& file : files) {
    const std::string name = file.stem().string();
    const auto known = std::find_if(catalogue->models.begin(), catalogue->models.end(),
                                    [&](const auto& model) { return model.name() == name; });
    if (known != catalogue->models.end() && !known->builtin()) {
      EB_LOG(WARNING) << "a model of a user's own is called " << name
                      << ": the built-in one is not there";
      continue;
    }
    EB_ASSIGN_OR_RETURN(const std::string digest, Sha256File(file.string()));
    if (known != catalogue->models.end() && known->digest() == digest &&
        artifacts->Path(digest).ok()) {
      continue;
    }
    EB_ASSIGN_OR_RETURN(v1::ModelInfo model, DescribeModelFile(name, file.string(), digest));
    EB_RETURN_IF_ERROR(artifacts->Import(file.string()).status());
    model.set_builtin(true);
    model.set_description("made by this project; see models/README.md");
    EB_RETURN_IF_ERROR(PutBuiltin(model, file.filename().string(), store));
    EB_LOG(INFO) << "model " << name << " (" << digest.substr(0, 12) << ")";
  }
  return absl::OkStatus();
}

}  // namespace entrobench
