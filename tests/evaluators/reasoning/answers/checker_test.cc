#include "evaluators/reasoning/answers/checker.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<const Checker> Make(const char* name) {
  auto checker = MakeChecker(name);
  EXPECT_TRUE(checker.ok()) << checker.status();
  return *std::move(checker);
}

struct Case {
  const char* solution;
  const char* answer;
};

TEST(IntegerChecker, ReadsFinalAnswers) {
  const auto checker = Make("integer");
  const Case cases[] = {
      {"Tom buys 4 * 6 = 24 apples.\nHe eats 5, so 24 - 5 = 19 are left.\n#### 19", "19"},
      {"#### 1,234", "1234"},
      {"#### $18.", "18"},
      {"#### 18 dollars", "18"},
      {"#### 18.00", "18"},
      {"#### -4", "-4"},
      {"#### 18 (that is 20 - 2)", "18"},
      {"#### 20 - 2 = 18", "18"},
      {"Thus \\boxed{073}", "73"},
      {"The result is $\\boxed{42}$, not 17.", "42"},
      {"\\boxed{42 \\text{ cm}}", "42"},
      {"\\boxed{x = 5}", "5"},
      {"The answer is 12 apples and nothing else 13.", "12"},
      {"The answer is 5 + 3 = 8.", "8"},
      {"The answer is therefore $1,200.", "1200"},
      {"Answer: **7**", "7"},
      {"3 + 4 = 7 apples", "7"},
      // A stronger mark wins even when a weaker one comes later.
      {"\\boxed{5}\n#### 6", "5"},
      {"#### \nThe answer is 9", "9"},
      // Read, though it can never be right.
      {"#### 18.5", "18.5"},
      // A box without a number is an answer that is none.
      {"4 + 5 = 9, \\boxed{\\text{impossible}}", ""},
      {"I do not know.", ""},
      {"", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(checker->Read(c.solution).answer, c.answer) << c.solution;
}

TEST(IntegerChecker, SaysWhereItFoundTheAnswer) {
  const auto checker = Make("integer");
  EXPECT_EQ(checker->Read("\\boxed{1}").found, "in \\boxed{}");
  EXPECT_EQ(checker->Read("#### 1").found, "after \"####\"");
  EXPECT_EQ(checker->Read("so 1").found, "last number");
  EXPECT_EQ(checker->Read("so one").found, "no number");
}

TEST(IntegerChecker, RefusesGoldThatIsNoInteger) {
  const auto checker = Make("integer");
  EXPECT_EQ(*checker->Gold("025"), "25");
  EXPECT_EQ(*checker->Gold("1,234"), "1234");
  EXPECT_EQ(*checker->Gold("-7.0"), "-7");
  EXPECT_THAT(checker->Gold("7.5").status().message(), HasSubstr("'7.5' is not a whole number"));
  EXPECT_THAT(checker->Gold("seven").status().message(), HasSubstr("'seven' is not a number"));
  EXPECT_FALSE(checker->Gold("").ok());
}

TEST(NumberChecker, ComparesExactly) {
  const auto checker = Make("number");
  EXPECT_EQ(checker->Read("\\boxed{\\frac{2}{8}}").answer, *checker->Gold("0.25"));
  EXPECT_EQ(checker->Read("#### 2.50").answer, *checker->Gold("5/2"));
  EXPECT_NE(checker->Read("#### 0.333").answer, *checker->Gold("1/3"));
  EXPECT_NE(checker->Read("#### 0.3333333333333333333333").answer, *checker->Gold("1/3"));
}

TEST(TextChecker, IgnoresDressButNotWords) {
  const auto checker = Make("exact-text");
  const Case cases[] = {
      {"\\boxed{Blue  Whale}", "blue whale"},
      {"#### \"Paris\".", "paris"},
      {"The answer is **Rome**.", "rome"},
      {"I think about it.\nOslo\n\n", "oslo"},
      {"\\boxed{(3, \\frac{\\pi}{2})}", "(3, \\frac{\\pi}{2})"},
      {"", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(checker->Read(c.solution).answer, c.answer) << c.solution;
  EXPECT_EQ(*checker->Gold("Paris"), "paris");
  EXPECT_FALSE(checker->Gold(" . ").ok());
}

TEST(ChoiceChecker, ReadsOneLetter) {
  const auto checker = Make("multiple-choice");
  const Case cases[] = {
      {"#### B", "B"},
      {"#### (C)", "C"},
      {"#### B) the red one", "B"},
      {"\\boxed{\\text{D}}", "D"},
      {"\\boxed{A}", "A"},
      {"The answer is (B) a dog.", "B"},
      {"The answer is B.", "B"},
      {"**Answer:** D", "D"},
      {"Both (A) and (B) look good, but it is (B).", "B"},
      {"A dog barks.\nC", "C"},
      {"C.", "C"},
      // "A" and "I" are words here, not choices.
      {"A dog barks and I listen.", ""},
      {"ABC", ""},
      {"Z", ""},
      {"", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(checker->Read(c.solution).answer, c.answer) << c.solution;
  EXPECT_EQ(*checker->Gold("B"), "B");
  EXPECT_EQ(*checker->Gold("(B)"), "B");
  EXPECT_FALSE(checker->Gold("2").ok());
  EXPECT_FALSE(checker->Gold("Beta").ok());
}

TEST(MakeChecker, SuggestsTheNearestName) {
  EXPECT_EQ(MakeChecker("integers").status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(MakeChecker("integers").status().message(), HasSubstr("did you mean 'integer'"));
  for (const std::string& name : CheckerNames()) EXPECT_EQ((*MakeChecker(name))->name(), name);
}

TEST(Checkers, TakeLinearTimeOnAnyBytes) {
  for (const std::string& name : CheckerNames()) {
    const auto checker = *MakeChecker(name);
    for (const char* piece : {"\\boxed{", "A ", "\n", "(", "1 ", "answer is "}) {
      std::string text;
      while (text.size() < 1'000'000) text += piece;
      checker->Read(text);
    }
  }
}

}  // namespace
}  // namespace entrobench
