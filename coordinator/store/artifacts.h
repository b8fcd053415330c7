// Model and data files by digest: <data_dir>/artifacts/ab/abcdef... (SHA-256, the first two digits
// name the folder). A file that is there is whole: it is written beside, hashed, synced and
// renamed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/digest.h"

namespace entrobench {

// One upload. Dropped without Finish it leaves nothing behind. Not for two threads at once.
class ArtifactWriter {
 public:
  ~ArtifactWriter();
  ArtifactWriter(const ArtifactWriter&) = delete;
  ArtifactWriter& operator=(const ArtifactWriter&) = delete;

  // Writes to the file: call it where blocking is allowed. ResourceExhausted: the disk is full.
  absl::Status Append(absl::string_view bytes);

  // Syncs and names the file; returns its digest. The same bytes twice are one file.
  absl::StatusOr<std::string> Finish();

  uint64_t size_bytes() const { return size_bytes_; }

 private:
  friend class Artifacts;
  ArtifactWriter(std::string folder, std::string temporary, int fd);

  const std::string folder_;
  const std::string temporary_;
  int fd_;
  uint64_t size_bytes_ = 0;
  Sha256 hash_;
};

class Artifacts {
 public:
  // `data_dir`: the store's, which must be open (its lock makes the leftovers of a dead coordinator
  // safe to remove).
  static absl::StatusOr<std::unique_ptr<Artifacts>> Open(const std::string& data_dir);

  absl::StatusOr<std::unique_ptr<ArtifactWriter>> Create();

  // Copies a file of this machine in; returns its digest.
  absl::StatusOr<std::string> Import(const std::string& path);

  // The file's path; NotFound when no such digest is here.
  absl::StatusOr<std::string> Path(absl::string_view digest) const;

 private:
  explicit Artifacts(std::string folder) : folder_(std::move(folder)) {}
  const std::string folder_;
};

}  // namespace entrobench
