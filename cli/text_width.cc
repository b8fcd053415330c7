#include "cli/text_width.h"

#include <clocale>
#include <cwchar>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace entrobench::cli {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";  // U+FFFD

// wcwidth and mbrtowc know Unicode only in a UTF-8 locale; the user's may be another.
class Utf8LocaleScope {
 public:
  Utf8LocaleScope() : before_(uselocale(Utf8())) {}
  ~Utf8LocaleScope() { uselocale(before_); }
  Utf8LocaleScope(const Utf8LocaleScope&) = delete;
  Utf8LocaleScope& operator=(const Utf8LocaleScope&) = delete;

 private:
  static locale_t Utf8() {
    static const locale_t kLocale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return kLocale;
  }
  locale_t before_;
};

bool IsControl(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

void TrimTrailingSpaces(std::string* line) {
  while (!line->empty() && line->back() == ' ') line->pop_back();
}

}  // namespace

std::vector<Character> Characters(absl::string_view utf8) {
  const Utf8LocaleScope scope;
  std::vector<Character> characters;
  characters.reserve(utf8.size());
  while (!utf8.empty()) {
    wchar_t wide = 0;
    mbstate_t state{};
    const size_t n = mbrtowc(&wide, utf8.data(), utf8.size(), &state);
    if (n == static_cast<size_t>(-1) || n == static_cast<size_t>(-2)) {
      characters.push_back({kReplacement, 0xfffd, 1});
      utf8.remove_prefix(1);
      continue;
    }
    const size_t length = std::max<size_t>(n, 1);  // 0 for NUL
    characters.push_back({std::string(utf8.substr(0, length)), static_cast<char32_t>(wide),
                          std::max(0, wcwidth(wide))});
    utf8.remove_prefix(length);
  }
  return characters;
}

int DisplayWidth(absl::string_view utf8) {
  int width = 0;
  for (const Character& character : Characters(utf8)) width += character.width;
  return width;
}

std::string CutToWidth(absl::string_view utf8, int width, absl::string_view ellipsis) {
  if (DisplayWidth(utf8) <= width) return std::string(utf8);
  const int room = width - DisplayWidth(ellipsis);
  if (room < 0) return std::string(ellipsis.substr(0, static_cast<size_t>(std::max(width, 0))));
  std::string cut;
  int used = 0;
  for (const Character& character : Characters(utf8)) {
    if (used + character.width > room) break;
    cut += character.bytes;
    used += character.width;
  }
  return absl::StrCat(cut, ellipsis);
}

std::vector<std::string> WrapToWidth(absl::string_view utf8, int width) {
  width = std::max(width, 1);
  std::vector<std::string> lines;
  std::string line, word;
  int line_width = 0, word_width = 0;
  const auto end_line = [&] {
    TrimTrailingSpaces(&line);
    lines.push_back(std::move(line));
    line.clear();
    line_width = 0;
  };
  const auto end_word = [&] {
    if (line_width > 0 && line_width + word_width > width) end_line();
    line += word;
    line_width += word_width;
    word.clear();
    word_width = 0;
  };
  for (const Character& character : Characters(utf8)) {
    if (character.code == '\n') {
      end_word();
      end_line();
      continue;
    }
    if (character.code == ' ') {
      end_word();
      if (line_width < width) {
        line += ' ';
        ++line_width;
      }
      continue;
    }
    if (word_width + character.width > width) end_word();  // a word longer than a line is cut
    word += character.bytes;
    word_width += character.width;
  }
  end_word();
  end_line();
  return lines;
}

std::string Printable(absl::string_view utf8, bool keep_newlines) {
  std::string safe;
  safe.reserve(utf8.size());
  for (const Character& character : Characters(utf8)) {
    if (character.code == '\n' && keep_newlines) {
      safe += '\n';
    } else if (character.code == '\n' || character.code == '\t') {
      safe += ' ';
    } else if (IsControl(character.code)) {
      safe += kReplacement;
    } else {
      safe += character.bytes;
    }
  }
  return safe;
}

}  // namespace entrobench::cli
