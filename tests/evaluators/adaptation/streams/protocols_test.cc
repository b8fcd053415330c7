#include "evaluators/adaptation/streams/protocols.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace entrobench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 600 pictures of 4 classes, of which the last is half as frequent as the others, and 3
// corruptions.
class StreamTest : public ::testing::Test {
 protected:
  StreamTest() {
    for (int i = 0; i < 600; ++i) labels_.push_back(i % 7 < 6 ? i % 7 % 3 : 3);
    options_.batch_size = 64;
  }

  Stream Make() {
    absl::StatusOr<Stream> stream = MakeStream(input(), options_);
    EXPECT_TRUE(stream.ok()) << stream.status();
    return stream.ok() ? *std::move(stream) : Stream();
  }
  std::string Error() { return std::string(MakeStream(input(), options_).status().message()); }
  StreamInput input() const { return {labels_, classes_, corruptions_, unknown_images_}; }

  static std::vector<StreamItem> Items(const Stream& stream) {
    std::vector<StreamItem> items;
    for (int64_t k = 0; k < stream.batches(); ++k) {
      const StreamBatch batch = stream.batch(k);
      items.insert(items.end(), batch.items.begin(), batch.items.end());
    }
    return items;
  }
  static std::vector<int64_t> DomainBegins(const Stream& stream) {
    std::vector<int64_t> begins;
    for (int64_t k = 0; k < stream.batches(); ++k) {
      if (stream.batch(k).domain_begins) begins.push_back(k);
    }
    return begins;
  }
  // Every picture once in every corruption, with its own label.
  void ExpectEachOnce(const Stream& stream) {
    std::set<std::pair<int, int>> seen;
    for (const StreamItem& item : Items(stream)) {
      EXPECT_TRUE(seen.emplace(item.request.corruption, item.request.image).second);
      EXPECT_EQ(item.label, labels_[static_cast<size_t>(item.request.image)]);
      EXPECT_FALSE(item.unknown_pool);
    }
    EXPECT_EQ(seen.size(), labels_.size() * corruptions_.size());
  }
  // The mean, over stretches of 50 items, of the share of the stretch's most frequent class.
  static double Dominance(const Stream& stream) {
    const std::vector<StreamItem> items = Items(stream);
    double sum = 0;
    int stretches = 0;
    for (size_t begin = 0; begin + 50 <= items.size(); begin += 50, ++stretches) {
      std::map<int, int> counts;
      int most = 0;
      for (size_t i = begin; i < begin + 50; ++i) most = std::max(most, ++counts[items[i].label]);
      sum += most / 50.0;
    }
    return sum / stretches;
  }

  std::vector<int> labels_;
  std::vector<std::string> classes_ = {"coat", "bag", "shoe", "hat"};
  std::vector<std::string> corruptions_ = {"fog", "snow", "blur"};
  int unknown_images_ = 0;
  StreamOptions options_;
};

TEST_F(StreamTest, IidIsOneShuffledDomainForEachCorruption) {
  const Stream stream = Make();
  ExpectEachOnce(stream);
  ASSERT_EQ(stream.batches(), 30);  // 9 of 64 and one of 24, three times
  EXPECT_THAT(DomainBegins(stream), ElementsAre(0, 10, 20));
  EXPECT_THAT(stream.groups(), ElementsAre("fog", "snow", "blur"));
  for (int64_t k = 0; k < 30; ++k) {
    EXPECT_EQ(stream.batch(k).items.size(), k % 10 == 9 ? 24U : 64U);
    for (const StreamItem& item : stream.batch(k).items) {
      EXPECT_EQ(item.request.corruption, k / 10);
      EXPECT_EQ(item.group, k / 10);
      EXPECT_EQ(item.request.severity, 5);
      EXPECT_EQ(item.request.background, kNoBackground);
    }
  }
  // 2/7 of the pictures are of the most frequent class: 0.29, and by chance a little more in 50.
  EXPECT_LT(Dominance(stream), 0.45);
  // Each corruption has an order of its own.
  EXPECT_NE(stream.batch(0).items[0].request.image, stream.batch(10).items[0].request.image);
}

TEST_F(StreamTest, DependsOnItsArgumentsOnly) {
  for (const Protocol& protocol : Protocols()) {
    options_.protocol = std::string(protocol.id);
    unknown_images_ = 400;
    const auto key = [](const StreamItem& item) {
      return std::tuple(item.request.image, item.request.corruption, item.request.severity,
                        item.request.background, item.unknown_pool, item.label, item.group);
    };
    const Stream first = Make(), again = Make();
    options_.seed = 1;
    const Stream other = Make();
    options_.seed = 0;
    ASSERT_EQ(first.batches(), again.batches());
    bool differs = false;
    // Backwards: a batch does not depend on those asked for before.
    for (int64_t k = again.batches() - 1; k >= 0; --k) {
      const StreamBatch a = first.batch(k), b = again.batch(k);
      ASSERT_EQ(a.items.size(), b.items.size());
      EXPECT_EQ(a.domain_begins, b.domain_begins);
      for (size_t i = 0; i < a.items.size(); ++i) EXPECT_EQ(key(a.items[i]), key(b.items[i]));
      differs = differs || k >= other.batches() || key(a.items[0]) != key(other.batch(k).items[0]);
    }
    EXPECT_TRUE(differs) << protocol.id;
    EXPECT_EQ(first.items(), static_cast<int64_t>(Items(first).size()));
  }
}

TEST_F(StreamTest, ContinualResetsOnlyAtTheStart) {
  const Stream iid = Make();
  options_.protocol = "continual";
  const Stream stream = Make();
  ExpectEachOnce(stream);
  EXPECT_THAT(DomainBegins(stream), ElementsAre(0));
  ASSERT_EQ(stream.batches(), iid.batches());
  for (int64_t k = 0; k < stream.batches(); ++k) {  // but for the resets the two are the same
    EXPECT_EQ(stream.batch(k).items[0].request.image, iid.batch(k).items[0].request.image);
  }
}

TEST_F(StreamTest, MixedHasAllCorruptionsInMostBatches) {
  options_.protocol = "mixed";
  const Stream stream = Make();
  ExpectEachOnce(stream);
  EXPECT_THAT(DomainBegins(stream), ElementsAre(0));
  EXPECT_EQ(stream.batches(), 29);  // ceil(1800 / 64)
  for (int64_t k = 0; k + 1 < stream.batches(); ++k) {
    std::set<int> found;
    for (const StreamItem& item : stream.batch(k).items) found.insert(item.group);
    EXPECT_EQ(found.size(), 3U) << k;
  }
}

TEST_F(StreamTest, ImbalancedShiftsTheLabelsByItsConcentration) {
  const double iid = Dominance(Make());
  options_.protocol = "imbalanced";
  options_.concentration = 0.01;
  const Stream extreme = Make();
  ExpectEachOnce(extreme);
  EXPECT_THAT(DomainBegins(extreme), ElementsAre(0, 10, 20));
  EXPECT_GT(Dominance(extreme), 0.5);
  options_.concentration = 1000;
  const Stream even = Make();
  ExpectEachOnce(even);
  EXPECT_NEAR(Dominance(even), iid, 0.05);
}

TEST_F(StreamTest, BatchOfOneIsIidOneByOne) {
  const std::vector<StreamItem> iid = Items(Make());
  options_.protocol = "batch1";
  const Stream stream = Make();
  ExpectEachOnce(stream);
  ASSERT_EQ(stream.batches(), 1800);
  EXPECT_THAT(DomainBegins(stream), ElementsAre(0, 600, 1200));
  for (int64_t k = 0; k < 1800; ++k) {
    ASSERT_EQ(stream.batch(k).items.size(), 1U);
    EXPECT_EQ(stream.batch(k).items[0].request.image, iid[static_cast<size_t>(k)].request.image);
  }
}

TEST_F(StreamTest, OpenSetMixesInTheShareOfUnknown) {
  options_.protocol = "open-set";
  options_.unknown_share = 0.25;
  unknown_images_ = 200;  // exactly enough: 600 / 3
  const Stream stream = Make();
  for (int corruption = 0; corruption < 3; ++corruption) {
    std::set<int> known, unknown;
    for (const StreamItem& item : Items(stream)) {
      if (item.request.corruption != corruption) continue;
      EXPECT_EQ(item.label == kUnknownLabel, item.unknown_pool);
      EXPECT_TRUE((item.unknown_pool ? unknown : known).insert(item.request.image).second);
    }
    EXPECT_EQ(known.size(), 600U);
    EXPECT_EQ(unknown.size(), 200U);
    EXPECT_LT(*unknown.rbegin(), 200);
  }
  // Shuffled in, not appended.
  for (int64_t k = 0; k < stream.batches(); ++k) {
    const auto items = stream.batch(k).items;
    if (items.size() < 64) continue;
    const auto unknown = std::count_if(items.begin(), items.end(),
                                       [](const StreamItem& item) { return item.unknown_pool; });
    EXPECT_GT(unknown, 2);
    EXPECT_LT(unknown, 32);
  }
}

TEST_F(StreamTest, OpenSetSaysHowManyUnknownItNeeds) {
  options_.protocol = "open-set";
  EXPECT_EQ(Error(), "the open-set stream needs a second set of images");
  options_.unknown_share = 0.5;
  unknown_images_ = 599;
  EXPECT_EQ(Error(),
            "unknown_share 0.5 beside 600 images takes 600 unknown ones; there are 599: lower "
            "unknown_share");
}

TEST_F(StreamTest, BiasedBreaksTheCorrelationOnTime) {
  options_.protocol = "biased";
  options_.severity = 0;
  options_.aligned_before = 0.9;
  options_.aligned_after = 0.5;
  options_.break_at = 0.4;
  const Stream stream = Make();
  EXPECT_THAT(stream.groups(), ElementsAre("coat/0", "coat/1", "bag/0", "bag/1", "shoe/0", "shoe/1",
                                           "hat/0", "hat/1"));
  const std::vector<StreamItem> items = Items(stream);
  ASSERT_EQ(items.size(), 600U);
  std::map<std::pair<int, bool>, std::pair<int, int>> counts;  // (class, broken): aligned, all
  for (size_t i = 0; i < items.size(); ++i) {
    const StreamItem& item = items[i];
    EXPECT_EQ(item.request.severity, 0);
    EXPECT_EQ(item.group, item.label * kBackgrounds + item.request.background);
    auto& [aligned, all] = counts[{item.label, i >= 240}];
    aligned += item.request.background == AlignedBackground(item.label) ? 1 : 0;
    ++all;
  }
  ASSERT_EQ(counts.size(), 8U);
  for (const auto& [key, count] : counts) {
    EXPECT_NEAR(count.first, (key.second ? 0.5 : 0.9) * count.second, 1) << key.first;
  }
}

TEST_F(StreamTest, DriftClimbsAndTheNewClassComesLate) {
  options_.protocol = "drift";
  options_.severity = 4;
  options_.new_class = 3;
  options_.break_at = 0.5;
  const Stream stream = Make();
  EXPECT_THAT(DomainBegins(stream), ElementsAre(0));
  int corruption = 0, severity = 1;
  std::map<std::pair<int, int>, int> others;  // (corruption, severity): pictures of other classes
  std::map<int, int> of_new_class;            // corruption
  int place = 0, first_new = -1;
  for (const StreamItem& item : Items(stream)) {
    if (item.request.corruption != corruption) severity = 1;
    EXPECT_GE(item.request.corruption, corruption);
    EXPECT_GE(item.request.severity, severity);
    corruption = item.request.corruption;
    severity = item.request.severity;
    if (item.label == 3) {
      if (first_new < 0) first_new = place;
      ++of_new_class[corruption];
    } else {
      ++others[{corruption, severity}];
    }
    ++place;
  }
  const int new_images = static_cast<int>(std::count(labels_.begin(), labels_.end(), 3));
  EXPECT_EQ(of_new_class[0], 0);
  EXPECT_EQ(of_new_class[1], new_images);  // the break is in the middle of the second corruption
  EXPECT_EQ(of_new_class[2], new_images);
  EXPECT_GE(first_new, 900 - new_images);  // a corruption before it lacks them
  ASSERT_EQ(others.size(), 12U);
  int all_others = 0;
  for (const auto& [key, count] : others) {
    EXPECT_NEAR(count, 150 * 6 / 7.0, 25);
    all_others += count;
  }
  EXPECT_EQ(all_others, 3 * (600 - new_images));
}

TEST_F(StreamTest, TakesCorruptionsInTheOrderAskedFor) {
  options_.corruptions = {"blur", "fog"};
  const Stream stream = Make();
  EXPECT_EQ(stream.items(), 1200);
  EXPECT_EQ(stream.batch(0).items[0].request.corruption, 2);
}

TEST_F(StreamTest, CleanPicturesAreOneDomain) {
  options_.severity = 0;
  const Stream stream = Make();
  EXPECT_EQ(stream.items(), 600);
  EXPECT_THAT(stream.groups(), ElementsAre("clean"));
  EXPECT_EQ(stream.batch(0).items[0].group, 0);
}

TEST_F(StreamTest, RefusesWhatMakesNoSense) {
  const auto error_of = [&](auto change) {
    const StreamOptions kept = options_;
    change(options_);
    const std::string error = Error();
    options_ = kept;
    return error;
  };
  EXPECT_THAT(error_of([](auto& o) { o.protocol = "random"; }),
              HasSubstr("there is no stream 'random'; expected iid, continual, mixed"));
  EXPECT_EQ(error_of([](auto& o) { o.batch_size = 0; }), "batch_size is 0; expected 1 to 4096");
  EXPECT_THAT(error_of([](auto& o) { o.severity = 6; }), HasSubstr("expected 0 to 5"));
  EXPECT_EQ(error_of([](auto& o) { o.corruptions = {"rain"}; }),
            "there is no corruption 'rain'; expected fog, snow, blur");
  EXPECT_THAT(error_of([](auto& o) { o.corruptions = {"fog", "fog"}; }), HasSubstr("named twice"));
  EXPECT_THAT(error_of([](auto& o) { o.concentration = 0; }), HasSubstr("expected 0.01 to 1000"));
  EXPECT_THAT(error_of([](auto& o) { o.concentration = std::nan(""); }), HasSubstr("is nan"));
  EXPECT_THAT(error_of([](auto& o) { o.new_class = 4; }), HasSubstr("expected -1 to 3"));
  labels_[5] = 4;
  EXPECT_EQ(Error(), "a label is 4; expected 0 to 3");
  labels_.clear();
  EXPECT_EQ(Error(), "the data set has no image");
}

}  // namespace
}  // namespace entrobench
