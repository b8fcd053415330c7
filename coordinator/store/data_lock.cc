#include "coordinator/store/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"

namespace entrobench {

absl::StatusOr<std::unique_ptr<DataLock>> DataLock::Take(const std::string& data_dir) {
  const std::string path = absl::StrCat(data_dir, "/entrobench.lock");
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    close(fd);
    if (error != EWOULDBLOCK) {
      return absl::ErrnoToStatus(error, absl::StrCat("cannot lock ", path));
    }
    const absl::StatusOr<std::string> holder = ReadFile(path);
    const std::string pid =
        holder.ok() ? std::string(absl::StripAsciiWhitespace(*holder)) : std::string();
    return absl::FailedPreconditionError(
        absl::StrCat("data folder ", data_dir, " is in use by another coordinator",
                     pid.empty() ? std::string() : absl::StrCat(" (process ", pid, ")"),
                     ": stop it or choose another --data-dir"));
  }
  std::unique_ptr<DataLock> lock(new DataLock(fd));
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
  }
  return lock;
}

DataLock::~DataLock() { close(fd_); }

}  // namespace entrobench
