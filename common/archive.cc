#include "common/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"

namespace entrobench {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = 1 << 20;

struct ArchiveDeleter {
  void operator()(archive* a) const { archive_free(a); }  // for reading and for writing
};
using ArchivePtr = std::unique_ptr<archive, ArchiveDeleter>;

struct EntryDeleter {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using EntryPtr = std::unique_ptr<archive_entry, EntryDeleter>;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

// A full disk in words that do not depend on who met it first.
absl::Status SystemError(int error, const std::string& what) {
  if (error == ENOSPC || error == EDQUOT) {
    return absl::ResourceExhaustedError(absl::StrCat(what, ": the disk is full"));
  }
  return absl::ErrnoToStatus(error, what);
}

// --- Packing.

struct FileToPack {
  std::string name;  // relative to the folder
  std::string path;
  uint64_t size = 0;
};

absl::StatusOr<std::vector<FileToPack>> FilesUnder(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return absl::InvalidArgumentError(absl::StrCat("there is no folder ", folder));
  }
  std::vector<FileToPack> files;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    const std::string path = at->path().string();
    std::error_code broken;
    const fs::file_type type = at->status(broken).type();
    if (type == fs::file_type::directory && !at->is_symlink(broken)) continue;
    if (type != fs::file_type::regular) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, type == fs::file_type::directory
                                 ? " is a link to a folder; put the folder itself there"
                             : type == fs::file_type::not_found ? " is a link to nothing"
                                                                : " is not a file"));
    }
    FileToPack file{at->path().lexically_relative(folder).string(), path, at->file_size(broken)};
    if (broken) return absl::ErrnoToStatus(broken.value(), absl::StrCat("cannot read ", path));
    files.push_back(std::move(file));
  }
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot read folder ", folder));
  if (files.empty())
    return absl::InvalidArgumentError(absl::StrCat("there is no file in ", folder));
  std::sort(files.begin(), files.end(),
            [](const FileToPack& a, const FileToPack& b) { return a.name < b.name; });
  return files;
}

std::string Gigabytes(uint64_t bytes) {
  return absl::StrCat((bytes + 999'999'999) / 1'000'000'000, " GB");
}

absl::Status CheckRoom(const std::vector<FileToPack>& files, const std::string& out_path) {
  uint64_t needed = 0;
  for (const FileToPack& file : files)
    needed += file.size + 1024;  // a header, and the rest of the last block
  const std::string parent = fs::path(out_path).parent_path().string();
  std::error_code error;
  const fs::space_info room = fs::space(parent.empty() ? "." : parent, error);
  if (error || room.available >= needed) return absl::OkStatus();  // an error shows when writing
  return absl::ResourceExhaustedError(absl::StrCat("packing needs ", Gigabytes(needed), " in ",
                                                   parent, ", where ", Gigabytes(room.available),
                                                   " are free"));
}

absl::Status WriteError(archive* out, const std::string& out_path) {
  const char* reason = archive_error_string(out);
  const int error = archive_errno(out);
  if (error == ENOSPC || error == EDQUOT)
    return SystemError(error, absl::StrCat("cannot write ", out_path));
  return absl::InternalError(
      absl::StrCat("cannot write ", out_path, ": ", reason == nullptr ? "unknown error" : reason));
}

// Appends one file to `out`; `on_bytes` hears of its bytes, in steps.
absl::Status PackFile(const FileToPack& file, archive* out, const std::string& out_path,
                      const std::function<absl::Status(uint64_t)>& on_bytes) {
  const EntryPtr entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), file.name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.size));
  archive_entry_set_mtime(entry.get(), 0, 0);
  if (archive_write_header(out, entry.get()) < ARCHIVE_WARN) return WriteError(out, out_path);
  const Descriptor in(open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.fd() < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", file.path));
  std::vector<char> buffer(kBlock);
  uint64_t packed = 0;
  for (;;) {
    const ssize_t n = read(in.fd(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", file.path));
    if (n == 0) break;
    packed += static_cast<uint64_t>(n);
    if (packed > file.size) break;
    if (archive_write_data(out, buffer.data(), static_cast<size_t>(n)) != n)
      return WriteError(out, out_path);
    EB_RETURN_IF_ERROR(on_bytes(static_cast<uint64_t>(n)));
  }
  if (packed != file.size) {
    return absl::FailedPreconditionError(absl::StrCat(file.path, " changed while it was packed"));
  }
  return absl::OkStatus();
}

absl::Status WriteArchive(const std::vector<FileToPack>& files, const std::string& out_path,
                          const ArchiveProgress& progress) {
  const ArchivePtr out(archive_write_new());
  // Names are bytes whatever the locale; long ones and files beyond 8 GB get extended headers.
  if (archive_write_set_format_pax_restricted(out.get()) != ARCHIVE_OK ||
      archive_write_set_options(out.get(), "hdrcharset=BINARY") < ARCHIVE_WARN ||
      archive_write_open_filename(out.get(), out_path.c_str()) != ARCHIVE_OK) {
    return WriteError(out.get(), out_path);
  }
  uint64_t done = 0;
  uint64_t total = 0;
  for (const FileToPack& file : files) total += file.size;
  const auto on_bytes = [&](uint64_t bytes) {
    done += bytes;
    return progress ? progress(done, total) : absl::OkStatus();
  };
  for (const FileToPack& file : files)
    EB_RETURN_IF_ERROR(PackFile(file, out.get(), out_path, on_bytes));
  if (archive_write_close(out.get()) != ARCHIVE_OK) return WriteError(out.get(), out_path);
  return absl::OkStatus();
}

// --- Unpacking.

// A name inside an archive as a path below the folder, empty for the folder itself.
absl::StatusOr<fs::path> SafeName(absl::string_view name) {
  const fs::path path{std::string(name)};
  const bool leads_out =
      path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
  if (name.empty() || leads_out) {
    return absl::InvalidArgumentError(
        absl::StrCat("holds '", name, "', which leads out of the folder it is unpacked into"));
  }
  fs::path inside;
  for (const fs::path& part : path) {
    if (part != "." && !part.empty()) inside /= part;
  }
  return inside;
}

absl::Status Damaged(archive* in, const std::string& path) {
  const char* reason = archive_error_string(in);
  return absl::InvalidArgumentError(absl::StrCat(
      path, " is no whole tar or zip archive: ", reason == nullptr ? "unknown error" : reason));
}

absl::StatusOr<ArchivePtr> OpenArchive(const std::string& path) {
  ArchivePtr in(archive_read_new());
  archive_read_support_format_tar(in.get());
  archive_read_support_format_zip(in.get());
  archive_read_support_filter_gzip(in.get());
  archive_read_support_filter_bzip2(in.get());
  archive_read_support_filter_xz(in.get());
  archive_read_support_filter_zstd(in.get());
  if (archive_read_open_filename(in.get(), path.c_str(), kBlock) != ARCHIVE_OK) {
    return Damaged(in.get(), path);
  }
  return in;
}

// The next entry, null behind the last.
absl::StatusOr<archive_entry*> NextEntry(archive* in, const std::string& path) {
  archive_entry* entry = nullptr;
  const int result = archive_read_next_header(in, &entry);
  if (result == ARCHIVE_EOF) return nullptr;
  if (result < ARCHIVE_WARN) return Damaged(in, path);
  return entry;
}

// The name as UTF-8 when it says what it is written in, else its bytes.
std::string NameOf(archive_entry* entry) {
  const char* name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) name = archive_entry_pathname(entry);
  return name == nullptr ? "" : name;
}

class Unpacker {
 public:
  Unpacker(ArchivePtr in, std::string path, std::string folder, const ArchiveLimits& limits)
      : in_(std::move(in)), path_(std::move(path)), folder_(std::move(folder)), limits_(limits) {}

  absl::Status Run() {
    for (;;) {
      EB_ASSIGN_OR_RETURN(archive_entry* const entry, NextEntry(in_.get(), path_));
      if (entry == nullptr) break;
      EB_RETURN_IF_ERROR(Take(entry));
    }
    if (files_ == 0) return Refused("holds no file");
    return absl::OkStatus();
  }

 private:
  absl::Status Refused(absl::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat("the archive ", path_, " ", why));
  }
  absl::Status Take(archive_entry* entry) {
    const absl::StatusOr<fs::path> inside = SafeName(NameOf(entry));
    if (!inside.ok()) return Refused(inside.status().message());
    if (archive_entry_hardlink(entry) != nullptr || archive_entry_filetype(entry) == AE_IFLNK) {
      return Refused(absl::StrCat("holds the link '", inside->string(),
                                  "'; pack files themselves (tar --dereference)"));
    }
    const fs::path target = fs::path(folder_) / *inside;
    if (archive_entry_filetype(entry) == AE_IFDIR) return MakeFolder(target);
    if (archive_entry_filetype(entry) != AE_IFREG) {
      return Refused(
          absl::StrCat("holds '", inside->string(), "', which is neither file nor folder"));
    }
    if (++files_ > limits_.files)
      return Refused(absl::StrCat("holds more than ", limits_.files, " files"));
    EB_RETURN_IF_ERROR(MakeFolder(target.parent_path()));
    return WriteFile(target.string());
  }

  absl::Status MakeFolder(const fs::path& folder) {
    if (folder == last_folder_) return absl::OkStatus();
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
      return SystemError(error.value(), absl::StrCat("cannot create folder ", folder.string()));
    last_folder_ = folder;
    return absl::OkStatus();
  }

  absl::Status WriteFile(const std::string& target) {
    const Descriptor out(
        open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (out.fd() < 0) return SystemError(errno, absl::StrCat("cannot create ", target));
    for (;;) {
      const void* data = nullptr;
      size_t size = 0;
      la_int64_t offset = 0;
      const int result = archive_read_data_block(in_.get(), &data, &size, &offset);
      if (result == ARCHIVE_EOF) return absl::OkStatus();
      if (result < ARCHIVE_WARN) return Damaged(in_.get(), path_);
      bytes_ += size;
      // The offset is an archive's own word: a hole may be larger than everything it holds.
      if (bytes_ > limits_.bytes || static_cast<uint64_t>(offset) > limits_.bytes) {
        return Refused(absl::StrCat("unpacks to more than ", limits_.bytes, " bytes"));
      }
      const char* from = static_cast<const char*>(data);
      while (size > 0) {
        const ssize_t n = pwrite(out.fd(), from, size, offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return SystemError(errno, absl::StrCat("cannot write ", target));
        from += n;
        size -= static_cast<size_t>(n);
        offset += n;
      }
    }
  }

  const ArchivePtr in_;
  const std::string path_;
  const std::string folder_;
  const ArchiveLimits limits_;
  uint64_t files_ = 0;
  uint64_t bytes_ = 0;
  fs::path last_folder_;  // made already: most files lie in their predecessor's
};

// Everything below `folder` on the disk itself, so that a rename never shows files that a power
// loss empties.
absl::Status Sync(const std::string& folder) {
  const Descriptor at(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (at.fd() < 0 || syncfs(at.fd()) != 0)
    return SystemError(errno, absl::StrCat("cannot sync ", folder));
  return absl::OkStatus();
}

absl::Status UnpackAndRename(const std::string& path, const std::string& folder,
                             const ArchiveLimits& limits) {
  EB_ASSIGN_OR_RETURN(ArchivePtr in, OpenArchive(path));
  const std::string unfinished = absl::StrCat(folder, ".unpacking");
  std::error_code error;
  fs::remove_all(unfinished, error);  // of somebody who died
  fs::create_directory(unfinished, error);
  if (error) return SystemError(error.value(), absl::StrCat("cannot create folder ", unfinished));
  absl::Status status = Unpacker(std::move(in), path, unfinished, limits).Run();
  if (status.ok()) status = Sync(unfinished);
  if (status.ok()) {
    fs::rename(unfinished, folder, error);
    if (error)
      status =
          SystemError(error.value(), absl::StrCat("cannot rename ", unfinished, " to ", folder));
  }
  if (!status.ok()) fs::remove_all(unfinished, error);
  return status;
}

}  // namespace

absl::Status PackFolder(const std::string& folder, const std::string& out_path,
                        const ArchiveProgress& progress) {
  EB_ASSIGN_OR_RETURN(const std::vector<FileToPack> files, FilesUnder(folder));
  EB_RETURN_IF_ERROR(CheckRoom(files, out_path));
  const absl::Status status = WriteArchive(files, out_path, progress);
  if (!status.ok()) unlink(out_path.c_str());
  return status;
}

absl::Status UnpackArchive(const std::string& archive, const std::string& folder,
                           const ArchiveLimits& limits) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return absl::OkStatus();
  const Descriptor lock(open(archive.c_str(), O_RDONLY | O_CLOEXEC));
  if (lock.fd() < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", archive));
  while (flock(lock.fd(), LOCK_EX) != 0) {
    if (errno != EINTR) return absl::ErrnoToStatus(errno, absl::StrCat("cannot lock ", archive));
  }
  if (fs::is_directory(folder, error)) return absl::OkStatus();
  return UnpackAndRename(archive, folder, limits);
}

absl::StatusOr<std::vector<std::string>> ListArchive(const std::string& archive, size_t most) {
  EB_ASSIGN_OR_RETURN(const ArchivePtr in, OpenArchive(archive));
  std::vector<std::string> names;
  while (names.size() < most) {
    EB_ASSIGN_OR_RETURN(archive_entry* const entry, NextEntry(in.get(), archive));
    if (entry == nullptr) break;
    names.push_back(NameOf(entry));
  }
  return names;
}

}  // namespace entrobench
