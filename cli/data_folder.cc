#include "cli/data_folder.h"

#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"

namespace entrobench::cli {
namespace {

std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error).lexically_normal();
  if (error) return path;
  return absolute.has_filename() ? absolute.string() : absolute.parent_path().string();
}

std::string FolderWithoutOption(const Context& context) {
  if (const std::string folder = context.environment("ENTROBENCH_DATA_DIR"); !folder.empty())
    return Absolute(folder);
  if (const std::string base = context.environment("XDG_DATA_HOME"); !base.empty()) {
    return Absolute(absl::StrCat(base, "/entrobench"));
  }
  return Absolute(absl::StrCat(context.environment("HOME"), "/.local/share/entrobench"));
}

std::optional<Address> FromFile(const Context& context) {
  const std::string file = AddressFile(DataFolder(context));
  const absl::StatusOr<std::string> contents = ReadFile(file);
  if (!contents.ok()) return std::nullopt;
  std::string address(absl::StripAsciiWhitespace(*contents));
  if (address.empty()) return std::nullopt;
  return Address{std::move(address), file};
}

}  // namespace

std::string DataFolder(const Context& context) {
  return context.data_dir.empty() ? FolderWithoutOption(context) : Absolute(context.data_dir);
}

std::string AddressFile(const std::string& data_folder) {
  return absl::StrCat(data_folder, "/coordinator.address");
}

std::string LockFile(const std::string& data_folder) {
  return absl::StrCat(data_folder, "/up.lock");
}

std::string DataFolderHint(const Context& context) {
  const std::string folder = DataFolder(context);
  return folder == FolderWithoutOption(context) ? "" : absl::StrCat(" --data-dir ", folder);
}

Address CoordinatorAddress(const Context& context) {
  if (!context.address.empty()) return {context.address, "--address"};
  if (!context.data_dir.empty()) {
    if (std::optional<Address> address = FromFile(context)) return *address;
  }
  if (std::string address = context.environment("ENTROBENCH_ADDRESS"); !address.empty()) {
    return {std::move(address), "ENTROBENCH_ADDRESS"};
  }
  if (std::optional<Address> address = FromFile(context)) return *address;
  return {absl::StrCat("127.0.0.1:", kDefaultPort), ""};
}

}  // namespace entrobench::cli
