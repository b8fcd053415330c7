// How many terminal columns a UTF-8 text takes; cutting, padding and wrapping by columns.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entrobench::cli {

// One character of a UTF-8 text. A byte that is no UTF-8 comes out as U+FFFD.
struct Character {
  std::string bytes;
  char32_t code = 0;
  int width = 0;  // columns: 0 for combining marks and control characters, 2 for wide ones
};

std::vector<Character> Characters(absl::string_view utf8);

int DisplayWidth(absl::string_view utf8);

// At most `width` columns; `ellipsis` ends what was cut.
std::string CutToWidth(absl::string_view utf8, int width, absl::string_view ellipsis);

// Lines of at most `width` columns, broken at spaces where there are any. Newlines break too. At
// least one line.
std::vector<std::string> WrapToWidth(absl::string_view utf8, int width);

// What a model or a user wrote, safe to print: bytes that are no UTF-8 become U+FFFD, control
// characters (an escape sequence could rewrite the screen) become U+FFFD too; tabs become a space.
// Newlines stay with `keep_newlines`, else become a space.
std::string Printable(absl::string_view utf8, bool keep_newlines = false);

}  // namespace entrobench::cli
