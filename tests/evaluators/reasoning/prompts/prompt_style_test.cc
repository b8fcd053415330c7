#include "evaluators/reasoning/prompts/prompt_style.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

using ::testing::HasSubstr;

// The tiny models were trained on exactly this text.
TEST(BuildPrompt, ZeroShotIsWhatTheTinyModelsWereTrainedOn) {
  const PromptStyle style = DefaultStyle(AnswerFormat::kHashes, "number");
  const Prompt prompt = BuildPrompt(style, "Tom has 3 cards. How many?", {});
  EXPECT_EQ(prompt.plain, "Question: Tom has 3 cards. How many?\nAnswer:");
  ASSERT_EQ(prompt.messages.size(), 1u);
  EXPECT_EQ(prompt.messages[0].role, "user");
  EXPECT_EQ(prompt.messages[0].content,
            "Tom has 3 cards. How many?\n\nSolve this step by step. End with a line that holds "
            "only \"#### \" and the final "
            "number.");
}

TEST(BuildPrompt, AsksForABoxWhereTheSuiteReadsOne) {
  const Prompt prompt = BuildPrompt(DefaultStyle(AnswerFormat::kBoxed, "integer"), "Q", {});
  EXPECT_THAT(prompt.messages[0].content, HasSubstr("Put the final integer in \\boxed{}."));
}

TEST(BuildPrompt, ShowsExamplesBeforeTheQuestion) {
  const PromptStyle style = DefaultStyle(AnswerFormat::kHashes, "number");
  const std::vector<Example> shots = {{"1 + 1?", "1 + 1 = 2\n#### 2"}, {"2 + 2?", "#### 4"}};
  const Prompt prompt = BuildPrompt(style, "3 + 3?", shots);
  EXPECT_EQ(prompt.plain,
            "Question: 1 + 1?\nAnswer: 1 + 1 = 2\n#### 2\n\n"
            "Question: 2 + 2?\nAnswer: #### 4\n\n"
            "Question: 3 + 3?\nAnswer:");
  ASSERT_EQ(prompt.messages.size(), 5u);
  EXPECT_EQ(prompt.messages[1].role, "assistant");
  EXPECT_EQ(prompt.messages[1].content, "1 + 1 = 2\n#### 2");
  EXPECT_EQ(prompt.messages[4].role, "user");
  EXPECT_THAT(prompt.messages[4].content, HasSubstr("3 + 3?"));
}

TEST(BuildPrompt, LeavesBracesOfTheQuestionAlone) {
  const Prompt prompt =
      BuildPrompt(CustomStyle("Solve {question} in {} please:\n"), "f{question}g", {});
  EXPECT_EQ(prompt.plain, "Solve f{question}g in {} please:");
  EXPECT_EQ(prompt.messages[0].content, prompt.plain);
}

}  // namespace
}  // namespace entrobench
