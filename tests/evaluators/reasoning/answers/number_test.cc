#include "evaluators/reasoning/answers/number.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/random.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

struct Case {
  const char* text;
  const char* canonical;  // nullptr: no number
};

std::string Show(const std::optional<std::string>& number) { return number.value_or("(none)"); }
std::string Show(const char* canonical) { return canonical == nullptr ? "(none)" : canonical; }

TEST(WholeNumber, ReadsOneNumberInManyDresses) {
  const Case cases[] = {
      // Plain.
      {"18", "18"},
      {"0", "0"},
      {"007", "7"},
      {"-3", "-3"},
      {"+3", "3"},
      {"-0", "0"},
      {"\u22123", "-3"},
      {" 42 ", "42"},
      {"18.", "18"},
      {"18.0", "18"},
      {"18.00.", "18"},
      {".5", "0.5"},
      {"-.5", "-0.5"},
      {"0.50", "0.5"},
      {"3.14", "3.14"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      // Thousands.
      {"1,234", "1234"},
      {"1,234,567", "1234567"},
      {"1{,}234", "1234"},
      {"1\\,234", "1234"},
      {"1,\\!234", "1234"},
      {"1\u202f234", "1234"},
      {"12,345.60", "12345.6"},
      {"1234", "1234"},
      {"1,2345", nullptr},
      {"1,23", nullptr},
      // Currency, percent, units.
      {"$18", "18"},
      {"$ 18", "18"},
      {"\\$18", "18"},
      {"-$18", "-18"},
      {"$-18", "-18"},
      {"$1,234.50", "1234.5"},
      {"\u20ac20", "20"},
      {"20\u20ac", "20"},
      {"50%", "50"},
      {"50\\%", "50"},
      {"18 dollars", "18"},
      {"18 apples.", "18"},
      {"5km", "5"},
      {"60 km/h", "60"},
      {"12 cm^2", "12"},
      {"90^\\circ", "90"},
      {"90^{\\circ}", "90"},
      {"90\u00b0", "90"},
      {"7 m", "7"},
      {"7m", "7"},
      // LaTeX and Markdown.
      {"$18$", "18"},
      {"\\(18\\)", "18"},
      {"**18**", "18"},
      {"`18`", "18"},
      {"18\\text{ cm}", "18"},
      {"18 \\text{ square feet}", "18"},
      {"\\text{18}", "18"},
      {"\\mathbf{18}", "18"},
      {"\\boxed{18}", "18"},
      {"\\textbf{(018) }", "18"},
      {"(18)", "18"},
      {"11,\\! 111,\\! 100", "11111100"},
      {"15\\mbox{ cm}^2", "15"},
      {"x = 18", "18"},
      {"5 + 13 = 18", "18"},
      {"x \\approx 3.5", "3.5"},
      // Fractions, canonical and exact.
      {"1/2", "0.5"},
      {"2/4", "0.5"},
      {"-3/4", "-0.75"},
      {"1/3", "1/3"},
      {"2/6", "1/3"},
      {"6/3", "2"},
      {"0/5", "0"},
      {"5/0", nullptr},
      {"\\frac{1}{2}", "0.5"},
      {"\\dfrac{2}{6}", "1/3"},
      {"\\tfrac13", "1/3"},
      {"\\frac 34", "0.75"},
      {"-\\frac{7}{4}", "-1.75"},
      {"1 1/2", "1.5"},
      {"1 \\frac{1}{2}", "1.5"},
      {"1\\frac13", "4/3"},
      {"-2 1/2", "-2.5"},
      {"3/4 cup", "0.75"},
      {"\\frac{x}{2}", nullptr},
      {"12345678901234567890/3", nullptr},
      // Exponents.
      {"1.5e3", "1500"},
      {"1e2", "100"},
      {"25E-2", "0.25"},
      {"1e-3", "0.001"},
      {"1e99", nullptr},
      // No number, or more than one.
      {"", nullptr},
      {"abc", nullptr},
      {"$", nullptr},
      {".", nullptr},
      {"-", nullptr},
      {"3\\sqrt{2}", nullptr},
      {"3\\pi", nullptr},
      {"3\u03c0", nullptr},
      {"2x", nullptr},
      {"(1, 2)", nullptr},
      {"(3,4]", nullptr},
      {"(2,\\infty)", nullptr},
      {"1, 2", nullptr},
      {"10 or 12", nullptr},
      {"3:30", nullptr},
      {"12/5/2020", nullptr},
      {"x^2", nullptr},
  };
  for (const Case& c : cases) EXPECT_EQ(Show(WholeNumber(c.text)), Show(c.canonical)) << c.text;
}

TEST(FirstNumber, ReadsFromTheLeft) {
  EXPECT_EQ(Show(FirstNumber("It costs $1,200 for 3 nights.")), "1200");
  EXPECT_EQ(Show(FirstNumber("H2O and CO2, 7 of them")), "7");
  EXPECT_EQ(Show(FirstNumber("x^2 = 9")), "9");
  EXPECT_EQ(Show(FirstNumber("none")), "(none)");
}

TEST(LastNumber, ReadsTheLastThatStandsAlone) {
  const Case cases[] = {
      {"3 + 4 = 7 apples are left.", "7"},
      {"first 3, then 5.", "5"},
      {"pages 10-15", "15"},
      {"the change is -15", "-15"},
      {"f(2)-15", "15"},
      {"She pays $2,500.50.", "2500.5"},
      {"Half of it is 1/2", "0.5"},
      {"it is 12 at x^{3}", "12"},
      {"1,2,3", "3"},
      {"water is H2O", nullptr},
      {"", nullptr},
  };
  for (const Case& c : cases) EXPECT_EQ(Show(LastNumber(c.text)), Show(c.canonical)) << c.text;
}

TEST(IsInteger, HoldsForWholeCanonicalNumbers) {
  EXPECT_TRUE(IsInteger("0"));
  EXPECT_TRUE(IsInteger("-12"));
  EXPECT_FALSE(IsInteger("0.5"));
  EXPECT_FALSE(IsInteger("1/3"));
  EXPECT_FALSE(IsInteger("-"));
  EXPECT_FALSE(IsInteger(""));
}

// The same value written as fraction, unreduced fraction and mixed number; worked out by integer
// arithmetic here.
TEST(WholeNumber, EqualNumbersHaveOneForm) {
  Random random(1, 2);
  for (int i = 0; i < 2000; ++i) {
    const int64_t numerator = random.Between(0, 500);
    const int64_t denominator = random.Between(1, 60);
    const int64_t k = random.Between(1, 30);
    const std::string plain = Show(WholeNumber(absl::StrCat(numerator, "/", denominator)));
    ASSERT_EQ(plain, Show(WholeNumber(absl::StrCat(numerator * k, "/", denominator * k))));
    ASSERT_EQ(plain, Show(WholeNumber(absl::StrCat("\\frac{", numerator, "}{", denominator, "}"))));
    ASSERT_EQ(plain, Show(WholeNumber(absl::StrCat(numerator / denominator, " ",
                                                   numerator % denominator, "/", denominator))));
    // Different values have different forms.
    ASSERT_NE(plain, Show(WholeNumber(absl::StrCat(numerator + 1, "/", denominator))));
    ASSERT_EQ(Show(WholeNumber(plain)), plain);
  }
}

TEST(Numbers, AnyBytesAreReadInLinearTime) {
  // A quadratic scan of these takes minutes.
  for (const std::string& piece :
       {std::string("1"), std::string("-"), std::string("$"), std::string("1,"), std::string("1 "),
        std::string("1/"), std::string("\\frac{1"), std::string("."), std::string("\xe2\x88"),
        std::string("1,234"), std::string("\0", 1)}) {
    std::string text;
    while (text.size() < 2'000'000) text += piece;
    WholeNumber(text);
    FirstNumber(text);
    LastNumber(text);
  }
  Random random(3, 4);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes;
    for (int k = 0; k < 60; ++k) {
      constexpr char kAlphabet[] = "0123456789.,-/\\${}^ e=\xe2\x88\x92";
      bytes += kAlphabet[random.Below(sizeof(kAlphabet))];
    }
    for (const std::optional<std::string>& number :
         {WholeNumber(bytes), FirstNumber(bytes), LastNumber(bytes)}) {
      // What is read reads the same again.
      if (!number) continue;
      ASSERT_EQ(Show(WholeNumber(*number)), *number) << bytes;
    }
  }
}

}  // namespace
}  // namespace entrobench
