#include "worker/last_words.h"

#include "absl/strings/ascii.h"
#include "common/utf8.h"

namespace entrobench {

void LastWords::Append(absl::string_view bytes) {
  if (bytes.size() > limit_) {
    bytes.remove_prefix(bytes.size() - limit_);
    kept_.clear();
    cut_ = true;
  }
  kept_.append(bytes.data(), bytes.size());
  if (kept_.size() > limit_) {
    kept_.erase(0, kept_.size() - limit_);
    cut_ = true;
  }
}

std::string LastWords::Text() const {
  absl::string_view text = kept_;
  if (cut_) {
    const size_t line_end = text.find('\n');
    if (line_end != absl::string_view::npos && line_end + 1 < text.size()) {
      text.remove_prefix(line_end + 1);
    }
  }
  return PrintableUtf8(absl::StripTrailingAsciiWhitespace(text));
}

std::string PrintableUtf8(absl::string_view bytes) {
  std::string text = ToValidUtf8(bytes);
  for (char& c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\n' && c != '\t') c = ' ';
  }
  return text;
}

}  // namespace entrobench
