#include "evaluators/language/stop_strings.h"

#include <algorithm>
#include <utility>

namespace entrobench {

StopStrings::StopStrings(std::vector<std::string> strings) : strings_(std::move(strings)) {
  strings_.erase(std::remove(strings_.begin(), strings_.end(), std::string()), strings_.end());
}

size_t StopStrings::Find(absl::string_view text, size_t searched) const {
  size_t first = absl::string_view::npos;
  for (const std::string& stop : strings_) {
    const size_t overlap = stop.size() - 1;
    first = std::min(first, text.find(stop, searched > overlap ? searched - overlap : 0));
  }
  return first;
}

}  // namespace entrobench
