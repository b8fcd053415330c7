#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace entrobench::cli {
namespace {

constexpr int kUsualWidth = 80;  // of a terminal that does not tell

const char* StyleCode(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kBad:
      return "\x1b[31m";
    case Style::kWarning:
      return "\x1b[33m";
    case Style::kAccent:
      return "\x1b[36m";
  }
  return "";
}

bool Utf8Locale(const Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = absl::AsciiStrToLower(environment(name));
    if (!value.empty())
      return absl::StrContains(value, "utf-8") || absl::StrContains(value, "utf8");
  }
  return false;
}

}  // namespace

std::string Terminal::Paint(Style style, absl::string_view text) const {
  if (!colors || style == Style::kPlain || text.empty()) return std::string(text);
  return absl::StrCat(StyleCode(style), text, "\x1b[0m");
}

const Glyphs& Terminal::glyphs() const {
  static constexpr Glyphs kUnicode = {"…", "–", "·",    "✓",    "✗",    "⏎",
                                      "━", "─", "├── ", "└── ", "│   ", "─"};
  static constexpr Glyphs kAscii = {"...", "-", "-",    "ok",   "x",    "\\n",
                                    "#",   ".", "|-- ", "`-- ", "|   ", "-"};
  return unicode ? kUnicode : kAscii;
}

Terminal DetectTerminal(int fd, const Environment& environment) {
  Terminal terminal;
  const bool dumb = environment("TERM") == "dumb";
  const bool is_terminal = isatty(fd) == 1;
  terminal.interactive = is_terminal && !dumb;
  terminal.colors = terminal.interactive && environment("NO_COLOR").empty();
  terminal.unicode = Utf8Locale(environment);
  int columns = 0;
  if (absl::SimpleAtoi(environment("COLUMNS"), &columns) && columns > 0) {
    terminal.width = columns;
  } else if (is_terminal) {
    winsize size{};
    terminal.width =
        ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsualWidth;
  }
  return terminal;
}

}  // namespace entrobench::cli
