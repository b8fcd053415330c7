#include "evaluators/language/prefix_source.h"

#include <gtest/gtest.h>

#include <vector>

namespace entrobench {
namespace {

PrefixSource Find(const std::vector<std::vector<Token>>& held, int lane,
                  const std::vector<Token>& prompt, int grain, int least_saving) {
  std::vector<absl::Span<const Token>> views(held.begin(), held.end());
  return FindPrefix(views, lane, prompt, grain, least_saving);
}

TEST(FindPrefix, TakesTheLongestOfAllLanes) {
  const PrefixSource source = Find({{}, {1, 2, 9}, {1, 2, 3, 9}}, 0, {1, 2, 3, 4, 5}, 1, 1);
  EXPECT_EQ(source.lane, 2);
  EXPECT_EQ(source.tokens, 3);
}

TEST(FindPrefix, StaysAtHomeUnlessACopySavesEnough) {
  const std::vector<std::vector<Token>> held = {{1, 2}, {1, 2, 3, 4}};
  EXPECT_EQ(Find(held, 0, {1, 2, 3, 4, 5}, 1, 2).lane, 1);
  const PrefixSource source = Find(held, 0, {1, 2, 3, 4, 5}, 1, 3);
  EXPECT_EQ(source.lane, 0);
  EXPECT_EQ(source.tokens, 2);
}

TEST(FindPrefix, TheLastTokenOfThePromptIsAlwaysComputed) {
  EXPECT_EQ(Find({{1, 2, 3, 4}}, 0, {1, 2, 3}, 1, 1).tokens, 2);
  EXPECT_EQ(Find({{1}}, 0, {1}, 1, 1).tokens, 0);
}

TEST(FindPrefix, CutsAtMultiplesOfTheGrain) {
  EXPECT_EQ(Find({{1, 2, 3, 4, 5, 6, 7}}, 0, {1, 2, 3, 4, 5, 6, 7, 8}, 4, 1).tokens, 4);
  EXPECT_EQ(Find({{1, 2, 3}}, 0, {1, 2, 3, 4}, 4, 1).tokens, 0);
  // 8 tokens are common, but only 7 need no computing.
  EXPECT_EQ(Find({{1, 2, 3, 4, 5, 6, 7, 8}}, 0, {1, 2, 3, 4, 5, 6, 7, 8}, 4, 1).tokens, 4);
}

TEST(TokensWorthACopy, GrowsWithTheLaneAndShrinksWithTheModel) {
  EXPECT_EQ(TokensWorthACopy(5'000'000, 2'000'000), 21);
  EXPECT_EQ(TokensWorthACopy(500'000'000, 7'000'000'000), 1);
}

}  // namespace
}  // namespace entrobench
