#include "evaluators/reasoning/methods/self_consistency.h"

#include <map>

#include "tests/evaluators/reasoning/methods/method_testing.h"

namespace entrobench {
namespace {

TEST(VoteByMajority, TheMostFrequentWinsAndTiesGoToTheEarliest) {
  EXPECT_EQ(VoteByMajority({"42", "40", "42", "17"}).index, 0u);
  EXPECT_EQ(VoteByMajority({"42", "40", "42", "17"}).votes, 2);
  EXPECT_EQ(VoteByMajority({"1", "2", "2", "1"}).index, 0u);
  EXPECT_EQ(VoteByMajority({"1", "2", "2"}).index, 1u);
}

TEST(VoteByMajority, NoAnswerHasNoVote) {
  EXPECT_EQ(VoteByMajority({"", "", "7"}).index, 2u);
  EXPECT_EQ(VoteByMajority({"", "", "7"}).votes, 1);
  EXPECT_EQ(VoteByMajority({"", ""}).votes, 0);
  EXPECT_EQ(VoteByMajority({}).index, 0u);
}

TEST(SelfConsistency, AnswersWithTheMajorityOfWhatTheModelSaid) {
  const auto model = NewFakeModel(Babble());
  for (const int samples : {1, 3, 8, 20}) {
    const auto method = Make<SelfConsistency>(
        {{"samples", IntegerValue(samples)}, {"temperature", RealValue(1.5)}});
    const Solved solved = Solve(method, model.get(), static_cast<uint64_t>(samples));
    ASSERT_EQ(solved.usage.branches.size(), static_cast<size_t>(samples));
    std::map<char, int> votes;
    int most = 0;
    for (const BranchRecord& branch : solved.usage.branches) {
      if (!branch.generation.text.empty())
        most = std::max(most, ++votes[branch.generation.text.back()]);
    }
    EXPECT_EQ(votes[solved.answer.text.back()], most);
    EXPECT_NEAR(solved.answer.confidence, most / double(samples), 1e-12);
  }
}

}  // namespace
}  // namespace entrobench
