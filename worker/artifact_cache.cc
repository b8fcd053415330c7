#include "worker/artifact_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/logging.h"
#include "common/status_macros.h"

namespace entrobench {
namespace {

std::string PathIn(const std::string& directory, const std::string& digest) {
  return absl::StrCat(directory, "/", digest.substr(0, 2), "/", digest);
}

bool Exists(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

absl::Status WriteAll(int fd, absl::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

// Continues `path`: what is there is hashed, what `source` still has is appended and hashed.
absl::Status Download(const std::string& digest, const std::string& path, int fd,
                      ArtifactSource* source, Sha256* hash) {
  uint64_t have = 0;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
    if (n == 0) break;
    hash->Update(absl::string_view(buffer, static_cast<size_t>(n)));
    have += static_cast<uint64_t>(n);
  }
  uint64_t total = have;
  EB_RETURN_IF_ERROR(source->Read(digest, have, [&](absl::string_view bytes, uint64_t total_bytes) {
    total = total_bytes;
    have += bytes.size();
    hash->Update(bytes);
    return WriteAll(fd, bytes, path);
  }));
  if (have < total) {
    return absl::UnavailableError(
        absl::StrCat("only ", have, " of ", total, " bytes of ", digest, " came"));
  }
  if (fsync(fd) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot sync ", path));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ArtifactCache::Get(const std::string& digest) {
  // The digest becomes part of a path.
  if (!IsSha256Hex(digest)) {
    return absl::InvalidArgumentError(absl::StrCat("'", digest, "' is no SHA-256 digest"));
  }
  {
    MutexLock lock(&mutex_);
    while (busy_.count(digest) > 0) fetched_.Wait(&mutex_);
    busy_.insert(digest);
  }
  std::string path = Find(digest);
  absl::Status status;
  if (path.empty()) {
    path = PathIn(options_.directory, digest);
    status = Fetch(digest, path);
  }
  {
    MutexLock lock(&mutex_);
    busy_.erase(digest);
  }
  fetched_.NotifyAll();
  if (!status.ok()) return status;
  return path;
}

std::string ArtifactCache::Find(const std::string& digest) {
  for (const std::string& directory : options_.read_only) {
    const std::string path = PathIn(directory, digest);
    if (!Exists(path)) continue;
    bool known = false;
    bool right = false;
    {
      MutexLock lock(&mutex_);
      const auto found = checked_.find(path);
      known = found != checked_.end();
      if (known) right = found->second;
    }
    if (!known) {
      const auto actual = Sha256File(path);
      right = actual.ok() && *actual == digest;
      if (!right) {
        EB_LOG(WARNING) << path << " is not what its name says; passed over"
                        << (actual.ok() ? "" : ": ") << actual.status().message();
      }
      MutexLock lock(&mutex_);
      checked_[path] = right;
    }
    if (right) return path;
  }
  const std::string path = PathIn(options_.directory, digest);
  return Exists(path) ? path : std::string();
}

absl::Status ArtifactCache::Fetch(const std::string& digest, const std::string& path) {
  EB_RETURN_IF_ERROR(MakeDirectories(std::filesystem::path(path).parent_path().string()));
  const std::string part = absl::StrCat(path, ".part");
  const int fd = open(part.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", part));
  Sha256 hash;
  absl::Status status = Download(digest, part, fd, source_, &hash);
  close(fd);
  if (!status.ok()) return status;  // the part stays for the next time
  const std::string actual = hash.Hex();
  if (actual != digest) {
    unlink(part.c_str());
    return absl::DataLossError(
        absl::StrCat("the file fetched for ", digest, " has the digest ", actual));
  }
  if (rename(part.c_str(), path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot rename ", part, " to ", path));
  }
  return absl::OkStatus();
}

}  // namespace entrobench
