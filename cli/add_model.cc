#include "cli/add_model.h"

#include "absl/strings/str_cat.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/upload.h"
#include "common/model_file.h"
#include "common/status_macros.h"

namespace entrobench::cli {

absl::StatusOr<v1::ModelInfo> AddModelFile(Context& context, Client& client,
                                           const std::string& name, const std::string& path,
                                           const std::string& description) {
  // Before gigabytes are sent. What cannot be read at all is Upload's to say.
  const absl::StatusOr<v1::ModelInfo::Kind> kind = ModelKindOf(path);
  if (absl::IsInvalidArgument(kind.status()))
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", kind.status().message()));
  EB_ASSIGN_OR_RETURN(const v1::PutArtifactReply stored, Upload(context, client, path));
  v1::AddModelRequest request;
  request.mutable_model()->set_name(name);
  request.mutable_model()->set_kind(kind.value_or(v1::ModelInfo::KIND_UNSPECIFIED));
  request.mutable_model()->set_digest(stored.digest());
  request.mutable_model()->set_size_bytes(stored.size_bytes());
  request.mutable_model()->set_description(description);
  EB_ASSIGN_OR_RETURN(v1::AddModelReply reply, client.AddModel(request));
  return std::move(*reply.mutable_model());
}

void PrintAdded(Context& context, const v1::ModelInfo& model, bool json) {
  if (json) {
    context.out << PrettyJson(model);
  } else if (model.kind() == v1::ModelInfo::KIND_ENDPOINT) {
    context.out << "Added model " << model.name() << ": " << model.endpoint_model() << " at "
                << model.endpoint_url() << ".\n";
  } else {
    context.out << "Added model " << model.name() << ": " << KindWord(model.kind()) << ", "
                << FormatBytes(model.size_bytes()) << ", " << ShortDigest(model.digest()) << ".\n";
  }
}

}  // namespace entrobench::cli
