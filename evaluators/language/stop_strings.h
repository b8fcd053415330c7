// Strings that end a text, found also where several tokens make one of them together.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entrobench {

class StopStrings {
 public:
  StopStrings() = default;
  explicit StopStrings(std::vector<std::string> strings);  // empty strings are dropped

  // Where the first stop string of `text` begins, the leftmost of them; npos when there is none.
  // The first `searched` bytes of `text` hold none: the search begins where one may end after them.
  size_t Find(absl::string_view text, size_t searched) const;

 private:
  std::vector<std::string> strings_;
};

}  // namespace entrobench
