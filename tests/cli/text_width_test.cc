#include "cli/text_width.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench::cli {
namespace {

using testing::ElementsAre;

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("top-h"), 5);
  EXPECT_EQ(DisplayWidth("naïve"), 5);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1);  // e and a combining acute
  EXPECT_EQ(DisplayWidth("算術"), 4);       // wide characters take two columns
}

TEST(DisplayWidth, CountsABadByteAsOneReplacementCharacter) {
  EXPECT_EQ(DisplayWidth("a\xFFz"), 3);
  EXPECT_EQ(DisplayWidth("\xE7\xAE"), 2);  // the first two bytes of a three-byte character
}

TEST(CutToWidth, KeepsWhatFits) {
  EXPECT_EQ(CutToWidth("arith", 5, "…"), "arith");
  EXPECT_EQ(CutToWidth("arith", 4, "…"), "ari…");
  EXPECT_EQ(CutToWidth("算術算術", 5, "…"), "算術…");
  EXPECT_EQ(CutToWidth("算術算術", 4, "…"), "算…");  // half of a wide character does not exist
}

TEST(WrapToWidth, BreaksAtSpaces) {
  EXPECT_THAT(WrapToWidth("alpha=0.3, temperature=1.0", 17),
              ElementsAre("alpha=0.3,", "temperature=1.0"));
  EXPECT_THAT(WrapToWidth("", 10), ElementsAre(""));
  EXPECT_THAT(WrapToWidth("a\n\nb", 10), ElementsAre("a", "", "b"));
}

TEST(WrapToWidth, CutsAWordThatIsLongerThanALine) {
  EXPECT_THAT(WrapToWidth("abcdefgh", 3), ElementsAre("abc", "def", "gh"));
}

TEST(WrapToWidth, NeverExceedsTheWidthAndLosesNoLetter) {
  const std::string text =
      "In a box are 算術 apples, 1234567890123 pears and naïve plums; how many are left?";
  for (int width = 2; width < 90; ++width) {
    std::string letters;
    for (const std::string& line : WrapToWidth(text, width)) {
      EXPECT_LE(DisplayWidth(line), width) << line;
      for (const char c : line) {
        if (c != ' ') letters += c;
      }
    }
    std::string expected;
    for (const char c : text) {
      if (c != ' ') expected += c;
    }
    EXPECT_EQ(letters, expected) << "at width " << width;
  }
}

TEST(Printable, DisarmsEscapeSequences) {
  EXPECT_EQ(Printable("\x1b[2Jgone"), "\xEF\xBF\xBD[2Jgone");
  EXPECT_EQ(Printable("a\rb\x07"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(Printable(absl::string_view("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(Printable, KeepsNewlinesOnlyWhenAsked) {
  EXPECT_EQ(Printable("a\nb\tc"), "a b c");
  EXPECT_EQ(Printable("a\nb\tc", /*keep_newlines=*/true), "a\nb c");
}

}  // namespace
}  // namespace entrobench::cli
