#include "common/model_file.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/archive.h"
#include "common/status_macros.h"

namespace entrobench {
namespace {

// A network of ten thousand layers has some twenty thousand entries.
constexpr size_t kMostEntries = 1'000'000;

// The archive of torch.jit.save has one top folder, and in it code/ and constants.pkl; that of
// torch.save only data.
bool IsCode(absl::string_view entry) {
  const size_t slash = entry.find('/');
  if (slash == absl::string_view::npos) return false;
  const absl::string_view inside = entry.substr(slash + 1);
  return absl::StartsWith(inside, "code/") || inside == "constants.pkl";
}

absl::Status Checkpoint() {
  return absl::InvalidArgumentError(
      "this file holds parameters without the network's code (torch.save); save the network with "
      "torch.jit.script(model).save(\"x.pt\") instead");
}

}  // namespace

absl::StatusOr<v1::ModelInfo::Kind> ModelKindOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  std::string magic(4, '\0');
  file.read(magic.data(), static_cast<std::streamsize>(magic.size()));
  magic.resize(static_cast<size_t>(file.gcount()));
  if (magic == "GGUF") return v1::ModelInfo::KIND_GGUF;
  // What torch.save wrote before version 1.6: a bare pickle that begins with a long integer.
  if (absl::StartsWith(magic, "\x80\x02\x8a")) return Checkpoint();
  if (magic == "PK\3\4") {
    EB_ASSIGN_OR_RETURN(const std::vector<std::string> entries, ListArchive(path, kMostEntries));
    if (std::any_of(entries.begin(), entries.end(), IsCode)) return v1::ModelInfo::KIND_TORCH;
    if (std::any_of(entries.begin(), entries.end(),
                    [](const std::string& entry) { return absl::EndsWith(entry, "/data.pkl"); })) {
      return Checkpoint();
    }
  }
  return absl::InvalidArgumentError(
      "this file is neither a GGUF file, which begins with \"GGUF\" (convert a language model with "
      "llama.cpp's convert_hf_to_gguf.py), nor a TorchScript archive (save an image classifier "
      "with torch.jit.script(model).save(\"x.pt\"))");
}

}  // namespace entrobench
