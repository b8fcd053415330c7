// The end of what a child wrote to its standard output and error: what a report of its death
// quotes.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace entrobench {

class LastWords {
 public:
  explicit LastWords(size_t limit = 4096) : limit_(limit) {}

  void Append(absl::string_view bytes);

  // At most the last `limit` bytes, from the start of a line where something was cut off. Valid
  // UTF-8 whatever the child wrote: it becomes part of messages.
  std::string Text() const;

 private:
  const size_t limit_;
  std::string kept_;
  bool cut_ = false;
};

// Bytes that are no UTF-8 become U+FFFD, control characters but newline and tab become spaces.
std::string PrintableUtf8(absl::string_view bytes);

}  // namespace entrobench
