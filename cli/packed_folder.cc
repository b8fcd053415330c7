#include "cli/packed_folder.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/progress.h"
#include "common/archive.h"
#include "common/status_macros.h"

namespace entrobench::cli {
namespace {

namespace fs = std::filesystem;

// "cifar-10-c" of "data/cifar-10-c/".
std::string NameOf(const std::string& folder) {
  const fs::path path = fs::path(folder).lexically_normal();
  const std::string name = (path.has_filename() ? path : path.parent_path()).filename().string();
  return name.empty() || name == "." || name == ".." ? "data" : name;
}

}  // namespace

PackedFolder::PackedFolder(std::string temporary, std::string path)
    : temporary_(std::move(temporary)), path_(std::move(path)) {}

PackedFolder::~PackedFolder() {
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
}

absl::StatusOr<std::unique_ptr<PackedFolder>> PackedFolder::Pack(Context& context,
                                                                 const std::string& folder) {
  const std::string tmpdir = context.environment("TMPDIR");
  std::string temporary = absl::StrCat(tmpdir.empty() ? "/tmp" : tmpdir, "/entrobench-pack-XXXXXX");
  if (mkdtemp(temporary.data()) == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot create folder ", temporary));
  }
  const std::string name = NameOf(folder);
  std::unique_ptr<PackedFolder> packed(
      new PackedFolder(temporary, absl::StrCat(temporary, "/", name, ".tar")));
  ProgressBar bar(&context.err, &context.err_terminal, absl::StrCat("packing ", name),
                  ProgressView::Unit::kBytes, "", /*quiet_start=*/true);
  std::atomic<bool> interrupted = false;
  const Interrupt::Scope scope(&context.interrupt, [&interrupted] { interrupted = true; });
  const absl::Status status =
      PackFolder(folder, packed->path(), [&](uint64_t done, uint64_t total) {
        bar.Update(done, total, "", context.now());
        return interrupted ? absl::CancelledError("Interrupted.") : absl::OkStatus();
      });
  bar.Clear();
  if (absl::IsCancelled(status)) context.err << "Interrupted. Nothing was added.\n" << std::flush;
  if (absl::IsResourceExhausted(status)) {
    return absl::ResourceExhaustedError(
        absl::StrCat(status.message(), "; name a folder on a larger disk in the variable TMPDIR"));
  }
  EB_RETURN_IF_ERROR(status);
  return packed;
}

}  // namespace entrobench::cli
