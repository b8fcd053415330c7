// Whole files, durably: what is written is there after a power loss, or the old file is.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entrobench {

// Errors name the path; NotFound when it is not there.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Writes to a temporary file beside `path`, syncs it, renames it over `path`, syncs the folder.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents);

// Makes a folder's entries (a rename, a new file) durable.
absl::Status SyncDirectory(const std::string& path);

// Like `mkdir -p`.
absl::Status MakeDirectories(const std::string& path);

// Folder of the running executable, without a trailing slash.
std::string ExecutableDirectory();

}  // namespace entrobench
