#include "evaluators/reasoning/suites/suite_definition.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string ErrorOf(const std::string& yaml) {
  const auto definition = ParseSuiteDefinition(yaml);
  return definition.ok() ? "(ok)" : std::string(definition.status().message());
}

TEST(ParseSuiteDefinition, ReadsAllKeys) {
  const auto definition = ParseSuiteDefinition(R"(title: Physics quiz
summary: ours
fields:
  question: text
  answer: label
  group: topic
checker: number
prompt: |
  Q: {question}
  A:
examples:
  - {question: "1 + 1?", solution: "\\boxed{2}"}
max_tokens: 77
stop: ["\nQ:"]
)");
  ASSERT_TRUE(definition.ok()) << definition.status();
  EXPECT_EQ(definition->title, "Physics quiz");
  EXPECT_EQ(definition->summary, "ours");
  EXPECT_EQ(definition->question_field, "text");
  EXPECT_EQ(definition->answer_field, "label");
  EXPECT_EQ(definition->group_field, "topic");
  EXPECT_EQ(definition->choices_field, "");
  EXPECT_EQ(definition->checker, "number");
  EXPECT_EQ(definition->style.plain, "Q: {question}\nA:");
  EXPECT_EQ(definition->style.user, "Q: {question}\nA:");
  ASSERT_EQ(definition->examples.size(), 1u);
  EXPECT_EQ(definition->examples[0].solution, "\\boxed{2}");
  EXPECT_EQ(definition->max_tokens, 77);
  EXPECT_THAT(definition->stop, ElementsAre("\nQ:"));
}

TEST(ParseSuiteDefinition, NeedsOnlyAChecker) {
  const auto definition = ParseSuiteDefinition("checker: multiple-choice\nanswer_style: boxed\n");
  ASSERT_TRUE(definition.ok()) << definition.status();
  EXPECT_EQ(definition->question_field, "question");
  EXPECT_EQ(definition->answer_field, "answer");
  EXPECT_EQ(definition->choices_field, "choices");
  EXPECT_EQ(definition->style.plain, "Question: {question}\nAnswer:");
  EXPECT_THAT(definition->style.user,
              HasSubstr("Put the final letter of the right choice in \\boxed{}"));
  EXPECT_THAT(definition->stop, ElementsAre("\nQuestion:"));
}

TEST(ParseSuiteDefinition, PlacesItsErrors) {
  EXPECT_EQ(ErrorOf("checker: integers\n"),
            "suite definition:1:10: no checker 'integers'; did you mean 'integer'?");
  EXPECT_THAT(ErrorOf("title: x\n"),
              HasSubstr("suite definition:1:1: no `checker`; one of integer, number"));
  EXPECT_THAT(ErrorOf("checker: number\nfeilds: {}\n"),
              HasSubstr("suite definition:2:1: no key 'feilds'; did you mean 'fields'?"));
  EXPECT_THAT(
      ErrorOf("checker: number\nfields:\n  qestion: q\n"),
      HasSubstr("suite definition:3:3: no key 'qestion' in `fields`; did you mean 'question'?"));
  EXPECT_THAT(ErrorOf("checker: number\nmax_tokens: many\n"),
              HasSubstr("suite definition:2:13: expected a whole number from 1 to"));
  EXPECT_THAT(ErrorOf("checker: number\nprompt: Solve it.\n"),
              HasSubstr("suite definition:2:9: the prompt has no {question}"));
  EXPECT_THAT(ErrorOf("checker: number\nexamples:\n  - {question: q}\n"),
              HasSubstr("suite definition:3:5: an example needs `question` and `solution`"));
  EXPECT_THAT(ErrorOf("checker: number\nanswer_style: box\n"),
              HasSubstr("suite definition:2:15: 'box' is not one of"));
  EXPECT_THAT(ErrorOf("checker: number\nchecker: number\n"),
              HasSubstr("suite definition:2:1: 'checker' a second time"));
  EXPECT_THAT(ErrorOf("checker: [number\n"), HasSubstr("suite definition:2:1: not YAML: "));
  EXPECT_THAT(ErrorOf(""), HasSubstr("suite definition:1:1: expected a map"));
  EXPECT_THAT(ErrorOf("- checker\n"), HasSubstr("suite definition:1:1: expected a map"));
}

TEST(ParseSuiteDefinition, GivesAllErrorsAtOnce) {
  const std::string errors = ErrorOf("cheker: number\nmax_tokens: 0\n");
  EXPECT_THAT(errors, HasSubstr("did you mean 'checker'?"));
  EXPECT_THAT(errors, HasSubstr("2:13: expected a whole number"));
  EXPECT_THAT(errors, HasSubstr("no `checker`"));
}

TEST(CanonicalDefinition, ChangesWithWhatDecidesAScore) {
  const auto canonical = [](const std::string& yaml) {
    return CanonicalDefinition(*ParseSuiteDefinition(yaml));
  };
  const std::string base = canonical("checker: number\n");
  EXPECT_EQ(base, canonical("checker: number\ntitle: another name\n"));
  EXPECT_NE(base, canonical("checker: integer\n"));
  EXPECT_NE(base, canonical("checker: number\nanswer_style: boxed\n"));
  EXPECT_NE(base, canonical("checker: number\nfields: {answer: label}\n"));
  EXPECT_NE(base, canonical("checker: number\nstop: [END]\n"));
  EXPECT_NE(base, canonical("checker: number\nexamples: [{question: a, solution: b}]\n"));
}

TEST(Examples, OfTheDataSuitesEndAsTheirPromptsAsk) {
  for (const Example& example : Gsm8kDefinition().examples)
    EXPECT_THAT(example.solution, HasSubstr("\n#### "));
  for (const Example& example : AimeDefinition().examples) {
    EXPECT_THAT(example.solution, HasSubstr("The answer is \\boxed{"));
    EXPECT_THAT(example.solution, ::testing::Not(HasSubstr("####")));
  }
}

}  // namespace
}  // namespace entrobench
