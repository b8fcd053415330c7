#include "cli/upload.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cli/progress.h"

namespace entrobench::cli {

absl::StatusOr<v1::PutArtifactReply> Upload(Context& context, Client& client,
                                            const std::string& path) {
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (type == std::filesystem::file_type::not_found) {
    return absl::InvalidArgumentError(absl::StrCat("there is no file ", path));
  }
  if (type != std::filesystem::file_type::regular) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a file"));
  }
  const std::string name = std::filesystem::path(path).filename().string();
  ProgressBar bar(&context.err, &context.err_terminal, name, ProgressView::Unit::kBytes, "",
                  /*quiet_start=*/true);
  absl::StatusOr<v1::PutArtifactReply> reply = client.PutArtifact(
      path, name,
      [&](uint64_t sent, uint64_t total) { bar.Update(sent, total, "", context.now()); });
  bar.Clear();
  if (absl::IsCancelled(reply.status()))
    context.err << "Interrupted. Nothing was added.\n" << std::flush;
  return reply;
}

}  // namespace entrobench::cli
