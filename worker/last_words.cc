#include "worker/last_words.h"

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace entrobench {
namespace {

// Length of the UTF-8 sequence at the front of `bytes`, 0 when there is no valid one.
size_t SequenceLength(absl::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const auto continues = [&](size_t i) { return i < bytes.size() && (byte(i) & 0xC0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;   // too long a form
    if (first == 0xED && byte(1) >= 0xA0) return 0;  // surrogate
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) >= 0x90) return 0;  // beyond U+10FFFF
    return 4;
  }
  return 0;
}

}  // namespace

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
  std::string text;
  while (!bytes.empty()) {
    const size_t length = SequenceLength(bytes);
    if (length == 0) {
      text += "\xEF\xBF\xBD";
      bytes.remove_prefix(1);
      continue;
    }
    const char c = bytes[0];
    const bool control = length == 1 && absl::ascii_iscntrl(static_cast<unsigned char>(c));
    if (control && c != '\n' && c != '\t') {
      text += ' ';
    } else {
      text.append(bytes.data(), length);
    }
    bytes.remove_prefix(length);
  }
  return text;
}

}  // namespace entrobench
