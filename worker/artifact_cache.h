// Model and data files by digest: found on this machine or fetched once from the coordinator.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/mutex.h"

namespace entrobench {

// Where artifacts come from: the coordinator, or a fake.
class ArtifactSource {
 public:
  virtual ~ArtifactSource() = default;

  // Blocks. Hands the file's bytes from `offset` on to `take`, in order; stops when `take` fails
  // and returns its error. NotFound: there is no such digest. Unavailable: try again later.
  using Take = std::function<absl::Status(absl::string_view bytes, uint64_t total_bytes)>;
  virtual absl::Status Read(const std::string& digest, uint64_t offset, const Take& take) = 0;
};

// Safe for several threads.
class ArtifactCache {
 public:
  struct Options {
    std::string directory;               // <directory>/ab/abcd...; made when it is not there
    std::vector<std::string> read_only;  // further stores of the same layout, tried first
  };

  // The source outlives the cache.
  ArtifactCache(Options options, ArtifactSource* source)
      : options_(std::move(options)), source_(source) {}
  ArtifactCache(const ArtifactCache&) = delete;
  ArtifactCache& operator=(const ArtifactCache&) = delete;

  // Blocks. The path of a local file with this digest, fetched when it is not here; a second caller
  // for the same digest waits for the first. What was fetched of a file before an interruption is
  // kept and the rest fetched the next time. A file of a read-only store is checked once and passed
  // over when it is not what its name says. DataLoss: the source sent another file. The source's
  // errors as they are, and what the disk says.
  absl::StatusOr<std::string> Get(const std::string& digest) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // The local path, or empty.
  std::string Find(const std::string& digest) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Fetch(const std::string& digest, const std::string& path);

  const Options options_;
  ArtifactSource* const source_;
  Mutex mutex_;
  CondVar fetched_;
  std::set<std::string> busy_ ABSL_GUARDED_BY(mutex_);           // digests that a caller looks for
  std::map<std::string, bool> checked_ ABSL_GUARDED_BY(mutex_);  // read-only paths: is it right?
};

}  // namespace entrobench
