#include "coordinator/store/artifacts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace entrobench {
namespace {

constexpr char kUnfinished[] = "upload-";  // files of this prefix are not whole

std::string PathOf(const std::string& folder, absl::string_view digest) {
  return absl::StrCat(folder, "/", digest.substr(0, 2), "/", digest);
}

}  // namespace

ArtifactWriter::ArtifactWriter(std::string folder, std::string temporary, int fd)
    : folder_(std::move(folder)), temporary_(std::move(temporary)), fd_(fd) {}

ArtifactWriter::~ArtifactWriter() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(temporary_.c_str());
}

absl::Status ArtifactWriter::Append(absl::string_view bytes) {
  hash_.Update(bytes);
  size_bytes_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t n = write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", temporary_));
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ArtifactWriter::Finish() {
  if (fsync(fd_) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot sync ", temporary_));
  }
  const std::string digest = hash_.Hex();
  const std::string path = PathOf(folder_, digest);
  const std::string parent = std::filesystem::path(path).parent_path().string();
  EB_RETURN_IF_ERROR(MakeDirectories(parent));
  if (rename(temporary_.c_str(), path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot rename ", temporary_, " to ", path));
  }
  close(fd_);
  fd_ = -1;
  EB_RETURN_IF_ERROR(SyncDirectory(parent));
  EB_RETURN_IF_ERROR(SyncDirectory(folder_));
  return digest;
}

absl::StatusOr<std::unique_ptr<Artifacts>> Artifacts::Open(const std::string& data_dir) {
  const std::string folder = absl::StrCat(data_dir, "/artifacts");
  EB_RETURN_IF_ERROR(MakeDirectories(folder));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().filename().string().rfind(kUnfinished, 0) == 0) {
      std::filesystem::remove(entry.path(), error);
    }
  }
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot clear ", folder));
  return std::unique_ptr<Artifacts>(new Artifacts(folder));
}

absl::StatusOr<std::unique_ptr<ArtifactWriter>> Artifacts::Create() {
  std::string path = absl::StrCat(folder_, "/", kUnfinished, "XXXXXX");
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create a file in ", folder_));
  if (fchmod(fd, 0644) != 0) {
    const int error = errno;
    close(fd);
    unlink(path.c_str());
    return absl::ErrnoToStatus(error, absl::StrCat("cannot set the mode of ", path));
  }
  return std::unique_ptr<ArtifactWriter>(new ArtifactWriter(folder_, path, fd));
}

absl::StatusOr<std::string> Artifacts::Import(const std::string& path) {
  const int source = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (source < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  const auto copy = [&]() -> absl::StatusOr<std::string> {
    EB_ASSIGN_OR_RETURN(const std::unique_ptr<ArtifactWriter> writer, Create());
    std::string buffer(1 << 20, '\0');
    for (;;) {
      const ssize_t n = read(source, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
      if (n == 0) return writer->Finish();
      EB_RETURN_IF_ERROR(writer->Append(absl::string_view(buffer.data(), static_cast<size_t>(n))));
    }
  };
  absl::StatusOr<std::string> digest = copy();
  close(source);
  return digest;
}

absl::StatusOr<std::string> Artifacts::Path(absl::string_view digest) const {
  const std::string path = PathOf(folder_, digest);
  if (!IsSha256Hex(digest) || access(path.c_str(), R_OK) != 0) {
    return absl::NotFoundError(absl::StrCat("no file with digest ", digest));
  }
  return path;
}

}  // namespace entrobench
