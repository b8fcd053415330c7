// Sends a file to the coordinator with a progress bar.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/client.h"
#include "cli/context.h"

namespace entrobench::cli {

// InvalidArgument when the file cannot be read; Cancelled, said on context.err, when the user
// interrupts.
absl::StatusOr<v1::PutArtifactReply> Upload(Context& context, Client& client,
                                            const std::string& path);

}  // namespace entrobench::cli
