// "Did you mean ...?": the nearest right name for a mistyped one.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entrobench {

// Damerau-Levenshtein distance (adjacent swaps count one).
int EditDistance(absl::string_view a, absl::string_view b);

// The candidate nearest to `word`, or empty when none is near (more than a third of its letters
// differ).
std::string NearestName(absl::string_view word, const std::vector<std::string>& candidates);

// "; did you mean 'top-h'?" or, when none is near, "; known: a, b, c" (at most 12 names).
std::string Suggestion(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace entrobench
