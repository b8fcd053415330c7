#include "evaluators/language/stop_strings.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace entrobench {
namespace {

constexpr size_t kNone = absl::string_view::npos;

TEST(StopStrings, FindsTheLeftmostOfAll) {
  const StopStrings stop({"Question:", "\n\n"});
  EXPECT_EQ(stop.Find("a\n\nQuestion:", 0), 1u);
  EXPECT_EQ(stop.Find("aQuestion:\n\n", 0), 1u);
  EXPECT_EQ(stop.Find("a\nQuestion", 0), kNone);
}

TEST(StopStrings, FindsWhatBeganInTheSearchedPart) {
  const StopStrings stop({"\n\n"});
  EXPECT_EQ(stop.Find("ab\n\n", 3), 2u);
  EXPECT_EQ(stop.Find("ab\n", 2), kNone);
}

TEST(StopStrings, EmptyStringsStopNothing) {
  EXPECT_EQ(StopStrings({""}).Find("abc", 0), kNone);
  EXPECT_EQ(StopStrings().Find("abc", 0), kNone);
}

// However a text is cut into tokens, growing it finds the same place as searching it at once.
TEST(StopStrings, CutsOfTheTextDoNotMatter) {
  const StopStrings stop({"aab", "bb", "abab"});
  for (int bits = 0; bits < 256; ++bits) {
    std::string text;
    for (int i = 0; i < 8; ++i) text += (bits >> i & 1) != 0 ? 'b' : 'a';
    const size_t at_once = stop.Find(text, 0);
    for (size_t step = 1; step <= 3; ++step) {
      size_t grown = kNone, searched = 0;
      for (size_t end = step; grown == kNone && searched < text.size(); end += step) {
        const std::string so_far = text.substr(0, end);
        grown = stop.Find(so_far, searched);
        searched = so_far.size();
      }
      // With steps above 1 a later match may end in the same step as an earlier one, never before.
      EXPECT_EQ(grown, at_once) << text << " by " << step;
    }
  }
}

}  // namespace
}  // namespace entrobench
