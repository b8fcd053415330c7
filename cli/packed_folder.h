// A folder as one file, for sending: packed beside nothing of the user's, gone when it was sent.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/context.h"

namespace entrobench::cli {

class PackedFolder {
 public:
  // Packs `folder` into a temporary file (in TMPDIR, else /tmp) under a progress bar.
  // InvalidArgument as common/archive.h's PackFolder; ResourceExhausted when there is no room for
  // it; Cancelled, said on context.err, when the user interrupts.
  static absl::StatusOr<std::unique_ptr<PackedFolder>> Pack(Context& context,
                                                            const std::string& folder);
  ~PackedFolder();
  PackedFolder(const PackedFolder&) = delete;
  PackedFolder& operator=(const PackedFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  PackedFolder(std::string temporary, std::string path);

  const std::string temporary_;  // a folder of our own
  const std::string path_;       // in it, under the name of what was packed
};

}  // namespace entrobench::cli
