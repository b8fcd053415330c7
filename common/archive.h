// Folders as one file: how a data set of many files is uploaded, named by one digest, and laid out
// again on a worker.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace entrobench {

// Told how many bytes of how many are done; an error that it returns ends the work with that error.
using ArchiveProgress = std::function<absl::Status(uint64_t done, uint64_t total)>;

// Writes the regular files under `folder` into the tar file `out_path`, under their paths relative
// to `folder`. The bytes depend only on names and contents: names are sorted; times, owners,
// permissions and empty folders are left out. A link to a file is packed as that file.
// InvalidArgument: there is no such folder, it has no file, or it has something that is no file (a
// link to a folder, a pipe), which is named. ResourceExhausted: the disk of `out_path` has no room,
// seen before anything is written. After an error there is no file at `out_path`.
absl::Status PackFolder(const std::string& folder, const std::string& out_path,
                        const ArchiveProgress& progress = nullptr);

// What an archive may grow to.
struct ArchiveLimits {
  uint64_t files = 10'000'000;           // ImageNet-C whole has 3.75 million
  uint64_t bytes = uint64_t{512} << 30;  // of all files together
};

// Unpacks a tar (plain or compressed with gzip, bzip2, xz or zstd) or zip file into `folder`, with
// the paths that it has inside: a top folder stays. Does nothing when `folder` exists: `folder` is
// there whole or not at all, after a crash too, and of several processes that call this one unpacks
// while the others wait (for which `archive` is locked). The folder above `folder` must exist;
// `folder`.unpacking is used up. InvalidArgument: no archive, a damaged or encrypted one, one
// beyond the limits, or one with an absolute path, "..", a link or a device. ResourceExhausted: the
// disk is full.
absl::Status UnpackArchive(const std::string& archive, const std::string& folder,
                           const ArchiveLimits& limits = {});

// The names in an archive of the formats that UnpackArchive reads, in its order, folders too; at
// most `most` of them. The contents are not read. InvalidArgument: no archive, or a damaged one.
absl::StatusOr<std::vector<std::string>> ListArchive(const std::string& archive, size_t most);

}  // namespace entrobench
