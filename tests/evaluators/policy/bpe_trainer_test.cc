#include "evaluators/policy/bpe_trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace entrobench::policy {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  for (const auto word : SplitIntoWords(text)) words.emplace_back(word);
  return words;
}

TEST(SplitIntoWords, CutsDigitsOneByOne) {
  EXPECT_THAT(Words("pays 120 now"), ElementsAre("pays", " ", "1", "2", "0", " now"));
}

TEST(SplitIntoWords, KeepsPunctuationWithItsLineBreaks) {
  EXPECT_THAT(Words("= 4.\n#### 4"), ElementsAre("=", " ", "4", ".\n", "####", " ", "4"));
}

TEST(SplitIntoWords, CutsContractionsOff) {
  EXPECT_THAT(Words("Tom's we'll"), ElementsAre("Tom", "'s", " we", "'ll"));
}

TEST(SplitIntoWords, LeavesTheLastBlankToTheNextWord) {
  EXPECT_THAT(Words("a   b \n c  "), ElementsAre("a", "  ", " b", " \n", " c", "  "));
}

TEST(SplitIntoWords, LosesNoByte) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text.push_back(static_cast<char>((i * 7919) % 251));
  std::string joined;
  for (const auto word : SplitIntoWords(text)) joined.append(word);
  EXPECT_EQ(joined, text);
}

TEST(TrainBpe, MergesTheMostFrequentPairFirst) {
  // "lo" occurs 4 times, "ow" 3; after "lo" is merged, "low" occurs 3 times.
  const BpeVocabulary vocabulary = TrainBpe({"low low low lot"}, 258 + 2);
  ASSERT_EQ(vocabulary.merges.size(), 2u);
  EXPECT_EQ(vocabulary.merges[0], "l o");
  EXPECT_EQ(vocabulary.merges[1], "lo w");
  EXPECT_EQ(vocabulary.tokens.back(), "low");
}

TEST(TrainBpe, StopsWhenNoPairOccursTwice) {
  EXPECT_EQ(TrainBpe({"abc"}, 1000).tokens.size(), 258u);
}

TEST(TrainBpe, NamesEveryByteOnceAndSpacesAsGpt2Does) {
  const BpeVocabulary vocabulary = TrainBpe({"ab ab ab"}, 300);
  const std::set<std::string> distinct(vocabulary.tokens.begin(), vocabulary.tokens.end());
  EXPECT_EQ(distinct.size(), vocabulary.tokens.size());
  EXPECT_THAT(vocabulary.merges, ::testing::Contains("Ġ ab"));
}

TEST(TrainBpe, NeverMergesDigits) {
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) texts.push_back(absl::StrCat("12 + 12 = 24 apples ", i));
  for (const std::string& token : TrainBpe(texts, 400).tokens) {
    if (token.size() == 1) continue;
    EXPECT_EQ(token.find_first_of("0123456789"), std::string::npos) << token;
  }
}

}  // namespace
}  // namespace entrobench::policy
