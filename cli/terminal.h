// What the place we print to can show: colours, Unicode, redrawing, how wide it is.
#pragma once

#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace entrobench::cli {

enum class Style { kPlain, kBold, kDim, kGood, kBad, kWarning, kAccent };

// The few signs beyond ASCII that we print, with stand-ins for terminals without them.
struct Glyphs {
  const char* ellipsis;
  const char* dash;  // between the ends of an interval
  const char* dot;   // between facts on one line
  const char* right;
  const char* wrong;
  const char* line_break;  // a shaded newline token
  const char* bar_full;
  const char* bar_empty;
  const char* tree_branch;  // four columns each
  const char* tree_last;
  const char* tree_line;
  const char* rule;  // one column, under a table's header
};

struct Terminal {
  bool interactive = false;  // a person looks at it: lines may be redrawn
  bool colors = false;
  bool unicode = false;
  int width = 0;  // columns; 0: no limit

  // `text` in this style, or as it is without colours.
  std::string Paint(Style style, absl::string_view text) const;
  const Glyphs& glyphs() const;
};

// Reads an environment variable; empty when it is not set.
using Environment = std::function<std::string(const std::string&)>;

// Looks at a file descriptor. Colours need a terminal, a TERM other than "dumb" and no NO_COLOR
// (https://no-color.org); Unicode needs a UTF-8 locale. The width is the terminal's, or COLUMNS
// where that is set; not limited otherwise.
Terminal DetectTerminal(int fd, const Environment& environment);

}  // namespace entrobench::cli
