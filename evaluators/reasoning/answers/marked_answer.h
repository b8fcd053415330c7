// Where a solution says that its answer is: the last \boxed{}, the last "####", the last "the
// answer is".
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entrobench {

enum class AnswerMark { kBoxed, kHashes, kPhrase };

struct MarkedAnswer {
  AnswerMark mark;
  absl::string_view text;  // what follows the mark, or stands in the box; trimmed, never empty;
                           // part of the solution
};

// At most one of each mark, strongest first: box, "####", phrase ("answer is", "answer:", in any
// case). The box is the last one that is closed (the inner one of two nested); after "####" and a
// phrase the rest of the line counts, or the next line that has text when the mark ends its line.
// Linear in the text, for any bytes.
std::vector<MarkedAnswer> MarkedAnswers(absl::string_view solution);

absl::string_view MarkName(AnswerMark mark);  // "\boxed{}", "####", "the answer is"

}  // namespace entrobench
