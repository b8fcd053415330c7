#include "evaluators/reasoning/answers/marked_answer.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

std::string Show(absl::string_view solution) {
  std::string shown;
  for (const MarkedAnswer& answer : MarkedAnswers(solution)) {
    absl::StrAppend(&shown, shown.empty() ? "" : " | ", MarkName(answer.mark), " -> ", answer.text);
  }
  return shown;
}

TEST(MarkedAnswers, FindsTheLastOfEachMark) {
  const struct {
    const char* solution;
    const char* shown;
  } cases[] = {
      {"3 + 4 = 7", ""},
      {"so \\boxed{7}.", "\\boxed{} -> 7"},
      {"\\boxed{1} then \\boxed{2}", "\\boxed{} -> 2"},
      {"\\boxed{\\frac{1}{2}}", "\\boxed{} -> \\frac{1}{2}"},
      {"\\boxed{\\boxed{5}}", "\\boxed{} -> 5"},
      {"\\fbox{5}", "\\boxed{} -> 5"},
      {"\\boxed{1} and \\boxed{2", "\\boxed{} -> 1"},
      {"\\boxed{}", ""},
      {"\\boxed{ 8 }", "\\boxed{} -> 8"},
      {"\\boxed{\\{1, 2\\}}", "\\boxed{} -> \\{1, 2\\}"},
      {"}}}} \\boxed{3}", "\\boxed{} -> 3"},
      {"work\n#### 18", "#### -> 18"},
      {"#### 1\n#### 2\nmore", "#### -> 2"},
      {"####18", "#### -> 18"},
      {"####\n18", "#### -> 18"},
      {"#### **18**", "#### -> 18**"},
      {"#### ", ""},
      {"The answer is 5.", "the answer is -> 5."},
      {"The answer is 5. I am sure of 6.", "the answer is -> 5"},
      {"the ANSWER IS: 5", "the answer is -> 5"},
      {"**Answer:** 12", "the answer is -> 12"},
      {"Final answer:\n\n42\nbye", "the answer is -> 42"},
      {"The answer is 1. No, the answer is 2", "the answer is -> 2"},
      {"The answer is 3.\n#### 4\n\\boxed{5}", "\\boxed{} -> 5 | #### -> 4 | the answer is -> 3."},
  };
  for (const auto& c : cases) EXPECT_EQ(Show(c.solution), c.shown) << c.solution;
}

TEST(MarkedAnswers, TakesLinearTimeOnAnyBytes) {
  for (const char* piece :
       {"\\boxed{", "{", "}", "####", "#", "answer is", "answer:\n", "\\", "\n"}) {
    std::string text;
    while (text.size() < 4'000'000) text += piece;
    MarkedAnswers(text);
  }
}

}  // namespace
}  // namespace entrobench
