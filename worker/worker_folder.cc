#include "worker/worker_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace entrobench {

absl::StatusOr<std::unique_ptr<WorkerFolder>> WorkerFolder::Open(std::string path) {
  EB_RETURN_IF_ERROR(MakeDirectories(path));
  const std::string lock_path = path + "/lock";
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", lock_path));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    close(lock);
    if (error != EWOULDBLOCK) {
      return absl::ErrnoToStatus(error, absl::StrCat("cannot lock ", lock_path));
    }
    const auto holder = ReadFile(lock_path);
    return absl::FailedPreconditionError(absl::StrCat(
        "another worker (process ", holder.ok() ? absl::StripAsciiWhitespace(*holder) : "?",
        ") uses ", path, "; give this one a folder of its own with --dir"));
  }
  std::unique_ptr<WorkerFolder> folder(new WorkerFolder(path, lock));
  const std::string holder = absl::StrCat(getpid(), "\n");
  if (ftruncate(lock, 0) != 0 ||
      pwrite(lock, holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size())) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", lock_path));
  }
  const std::string id_path = path + "/worker-id";
  auto id = ReadFile(id_path);
  if (absl::IsNotFound(id.status())) {
    std::string bytes(16, '\0');
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
      return absl::ErrnoToStatus(errno, "cannot get random bytes");
    }
    id = absl::BytesToHexString(bytes);
    EB_RETURN_IF_ERROR(WriteFileAtomically(id_path, *id + "\n"));
  }
  if (!id.ok()) return id.status();
  folder->worker_id_ = std::string(absl::StripAsciiWhitespace(*id));
  if (folder->worker_id_.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(id_path, " is empty; remove it to get a new identity"));
  }
  return folder;
}

WorkerFolder::~WorkerFolder() { close(lock_); }

}  // namespace entrobench
