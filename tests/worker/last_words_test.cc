#include "worker/last_words.h"

#include "gtest/gtest.h"

namespace entrobench {
namespace {

TEST(LastWords, KeepsTheEndFromTheStartOfALine) {
  LastWords words(18);
  words.Append("first line\nsecond");
  EXPECT_EQ(words.Text(), "first line\nsecond");
  words.Append(" line\nthird\n\n");
  EXPECT_EQ(words.Text(), "third");
  words.Append("a line of more than enough bytes");
  EXPECT_EQ(words.Text(), " than enough bytes");
}

TEST(LastWords, IsTheSameHoweverTheBytesCame) {
  const std::string text = "model loaded\nbatch 1\nbatch 2\nCUDA error: out of memory\n";
  LastWords whole(30);
  whole.Append(text);
  LastWords pieces(30);
  for (const char c : text) pieces.Append(absl::string_view(&c, 1));
  EXPECT_EQ(whole.Text(), pieces.Text());
  EXPECT_EQ(whole.Text(), "CUDA error: out of memory");
}

TEST(PrintableUtf8, LeavesTextAloneAndMendsTheRest) {
  EXPECT_EQ(PrintableUtf8("η = ½\tπ 🎲\n"), "η = ½\tπ 🎲\n");
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(PrintableUtf8("\x1b[31mred"), " [31mred");
  EXPECT_EQ(PrintableUtf8("a\xff"
                          "b"),
            "a" + bad + "b");
  EXPECT_EQ(PrintableUtf8("\xc0\xaf"), bad);          // too long a form
  EXPECT_EQ(PrintableUtf8("\xed\xa0\x80"), bad);      // surrogate
  EXPECT_EQ(PrintableUtf8("\xf4\x90\x80\x80"), bad);  // beyond U+10FFFF
  EXPECT_EQ(PrintableUtf8("\xe2\x82"), bad);          // cut off
}

}  // namespace
}  // namespace entrobench
