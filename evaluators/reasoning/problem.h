// One problem, as a method sees it: a prompt and a way to read answers. What the right answer is
// only the suite knows.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "evaluators/language/generator.h"

namespace entrobench {

struct Problem {
  uint64_t id = 0;       // sample id: ordinal in the suite
  std::string question;  // the bare question
  Prompt prompt;
  int max_tokens = 256;  // of one solution
  // The final answer in a text, in canonical form, so that equal answers are equal strings; empty
  // when there is none.
  std::function<std::string(absl::string_view)> read_answer;
};

// What a method concludes.
struct Answer {
  Answer() = default;
  explicit Answer(std::string t) : text(std::move(t)) {}
  Answer(std::string t, double c) : text(std::move(t)), confidence(c) {}

  std::string text;                       // a solution text; the suite reads the answer out of it
  double confidence = -1;                 // in [0, 1]; negative: the method has none
  std::map<std::string, double> metrics;  // further numbers, by name
};

}  // namespace entrobench
