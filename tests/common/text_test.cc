// Text helpers: nearest names, UTF-8, canonical values, digests.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "common/digest.h"
#include "common/nearest.h"
#include "common/random.h"
#include "common/utf8.h"
#include "common/value.h"

namespace entrobench {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(EditDistance("", ""), 0);
  EXPECT_EQ(EditDistance("abc", ""), 3);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
  EXPECT_EQ(EditDistance("greedy", "gredey"), 1);
  EXPECT_EQ(EditDistance("top-h", "top_h"), 1);
}

TEST(NearestName, FindsATypoAndNothingFarAway) {
  const std::vector<std::string> names = {"greedy", "top-h", "top-p", "typical"};
  EXPECT_EQ(NearestName("gready", names), "greedy");
  EXPECT_EQ(NearestName("TOP-H", names), "top-h");
  EXPECT_EQ(NearestName("beam-search", names), "");
  EXPECT_EQ(Suggestion("typicla", names), "; did you mean 'typical'?");
  EXPECT_EQ(Suggestion("beam-search", names), "; known: greedy, top-h, top-p, typical");
  EXPECT_EQ(Suggestion("x", {}), "");
}

TEST(Utf8, AcceptsWhatRfc3629AcceptsAndNothingElse) {
  for (const std::string& good :
       std::vector<std::string>{"", "a", "\xC2\x80", "\xE2\x82\xAC", "\xED\x9F\xBF", "\xEE\x80\x80",
                                "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(FirstInvalidUtf8(good), absl::string_view::npos) << good;
    EXPECT_EQ(ToValidUtf8(good), good);
  }
  for (const std::string& bad : std::vector<std::string>{
           "\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xF0\x90\x80"}) {
    EXPECT_EQ(FirstInvalidUtf8("ok" + bad), 2u) << bad;
    EXPECT_EQ(FirstInvalidUtf8(ToValidUtf8("ok" + bad)), absl::string_view::npos);
  }
}

TEST(Utf8, ReplacesHalfACharacterAndKeepsTheRest) {
  EXPECT_EQ(ToValidUtf8("a\xE2\x82z"), "a\xEF\xBF\xBDz");
}

TEST(CanonicalValue, KeepsTypesApart) {
  EXPECT_EQ(CanonicalValue(IntegerValue(3)), "3");
  EXPECT_EQ(CanonicalValue(RealValue(3)), "3.0");
  EXPECT_EQ(CanonicalValue(RealValue(0.1)), "0.1");
  EXPECT_EQ(CanonicalValue(BooleanValue(true)), "true");
  EXPECT_EQ(CanonicalValue(TextValue("paper")), "paper");
}

TEST(CanonicalValue, OfARealReadsBackAsTheSameReal) {
  Random random(3, 3);
  for (int i = 0; i < 2000; ++i) {
    const double value =
        random.Normal() * std::pow(10.0, static_cast<double>(random.Between(-20, 20)));
    double back = 0;
    ASSERT_TRUE(absl::SimpleAtod(CanonicalValue(RealValue(value)), &back));
    EXPECT_EQ(back, value);
  }
}

TEST(CanonicalParams, AreSortedWhateverTheMapsOrder) {
  ParamMap params;
  params["temperature"] = RealValue(1);
  params["alpha"] = RealValue(0.4);
  params["samples"] = IntegerValue(8);
  EXPECT_EQ(CanonicalParams(params), "alpha=0.4, samples=8, temperature=1.0");
}

TEST(Sha256, GivesThePublishedDigests) {
  // FIPS 180-4 examples.
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 pieces;
  pieces.Update("a");
  pieces.Update("bc");
  EXPECT_EQ(pieces.Hex(), Sha256Hex("abc"));
  EXPECT_TRUE(IsSha256Hex(Sha256Hex("")));
  EXPECT_FALSE(IsSha256Hex("abc"));
  EXPECT_FALSE(IsSha256Hex(std::string(64, 'G')));
}

TEST(Sha256, OfAFileThatIsNotThereNamesIt) {
  const auto digest = Sha256File("/nowhere/at/all");
  ASSERT_FALSE(digest.ok());
  EXPECT_NE(std::string(digest.status().message()).find("/nowhere/at/all"), std::string::npos);
}

}  // namespace
}  // namespace entrobench
