// Four images of two classes in two corruptions, judged by hand.
#include "evaluators/adaptation/stream_judge.h"

#include <cmath>
#include <limits>

#include "common/series.h"
#include "evaluators/adaptation/suites/trial_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Key;
using testing::Not;

class FourImages : public ImageSource {
 public:
  const ImageShape& shape() const override { return shape_; }
  const std::vector<int>& labels() const override { return labels_; }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  const std::vector<std::string>& corruptions() const override { return corruptions_; }
  absl::StatusOr<Image> Load(const ImageRequest&) const override { return Image(shape_); }

 private:
  ImageShape shape_ = {1, 1, 1};
  std::vector<int> labels_ = {0, 1, 1, 0};
  std::vector<std::string> class_names_ = {"coat", "bag"};
  std::vector<std::string> corruptions_ = {"fog", "snow"};
};

StreamItem Item(int image, int corruption) {
  StreamItem item;
  item.request = {image, corruption, 5};
  item.label = FourImages().labels()[static_cast<size_t>(image)];
  item.group = corruption;
  return item;
}

StreamItem UnknownItem() {
  StreamItem item = Item(0, 0);
  item.unknown_pool = true;
  item.label = kUnknownLabel;
  return item;
}

// Logits that say `bag` is `confidence` sure; of a coat 1 - confidence.
void AddLogits(double bag, std::vector<double>* logits) {
  logits->insert(logits->end(), {std::log(1 - bag), std::log(bag)});
}

BatchOutcome OutcomeOf(const Predictions& predictions) {
  return {predictions, predictions.mean_entropy(), 4, 0.5, false, true, {8, 4}};
}

class StreamJudgeTest : public ::testing::Test {
 protected:
  StreamJudgeTest() {
    StreamBuilder builder(4, {"fog", "snow"});
    for (int corruption = 0; corruption < 2; ++corruption) {
      builder.BeginDomain(true);
      for (int image = 0; image < 4; ++image) builder.Add(Item(image, corruption));
    }
    stream_ = std::move(builder).Build();
    judge_.emplace(&source_, &stream_, 4);
  }

  // One batch: what the method thinks of a bag in each, and what the unadapted network does.
  void Observe(const std::vector<StreamItem>& items, const std::vector<double>& bag,
               const std::vector<double>& bag_before, bool domain_begins = false) {
    std::vector<double> logits, before;
    for (const double p : bag) AddLogits(p, &logits);
    for (const double p : bag_before) AddLogits(p, &before);
    LoadedBatch batch;
    batch.domain_begins = domain_begins;
    batch.items = items;
    judge_->Observe(batch, OutcomeOf(Predictions(2, logits)), absl::Milliseconds(20),
                    GuessesOf(Predictions(2, before)));
  }
  void ObserveCorruption(int corruption, const std::vector<double>& bag,
                         bool domain_begins = false) {
    Observe({Item(0, corruption), Item(1, corruption), Item(2, corruption), Item(3, corruption)},
            bag, {0.9, 0.9, 0.9, 0.9}, domain_begins);
  }

  std::map<std::string, double> Summary() {
    std::map<std::string, double> values;
    for (const v1::Point& point : judge_->Summary()) {
      if (const auto name = SummaryName(point.series())) values[std::string(*name)] = point.value();
    }
    return values;
  }

  const FourImages source_;
  Stream stream_;
  std::optional<StreamJudge> judge_;
};

TEST_F(StreamJudgeTest, CountsErrorsByCorruptionAndAgainstTheSource) {
  ObserveCorruption(0, {0.2, 0.8, 0.4, 0.3});  // one wrong: image 2
  ObserveCorruption(1, {0.9, 0.7, 0.6, 0.8});  // two wrong: 0 and 3
  const auto summary = Summary();
  EXPECT_EQ(summary.at("error/fog"), 0.25);
  EXPECT_EQ(summary.at("error/snow"), 0.5);
  EXPECT_EQ(summary.at(kMeanCorruptionError), 0.375);
  // The source says bag always: half right.
  EXPECT_DOUBLE_EQ(summary.at(kGainOverSource), 0.625 - 0.5);
  EXPECT_DOUBLE_EQ(summary.at(kForwardPasses), 2);
  EXPECT_DOUBLE_EQ(summary.at(kBackwardPasses), 1);
  EXPECT_DOUBLE_EQ(summary.at(kCost), 4);
  EXPECT_DOUBLE_EQ(summary.at(kShareKept), 1);
  EXPECT_NEAR(summary.at(kSourceCalibrationError), 0.4, 1e-6);  // 0.9 sure, half right
  EXPECT_EQ(summary.at(kCollapses), 0);
  EXPECT_THAT(summary, Not(Contains(Key(kCollapsedAt))));
  EXPECT_THAT(summary, Not(Contains(Key(kUnknownAuroc))));
  EXPECT_THAT(summary, Not(Contains(Key(kWorstGroup))));
}

TEST_F(StreamJudgeTest, JudgesEachImageOverItsAppearances) {
  ObserveCorruption(0, {0.2, 0.8, 0.4, 0.3});
  ObserveCorruption(1, {0.9, 0.7, 0.6, 0.8});
  const std::vector<v1::SampleResult> samples = judge_->Samples();
  ASSERT_EQ(samples.size(), 4U);
  EXPECT_EQ(samples[0].score(), 0.5);
  EXPECT_EQ(samples[1].score(), 1);
  EXPECT_EQ(samples[1].answer(), "bag");
  EXPECT_EQ(samples[1].group(), "bag");
  EXPECT_EQ(samples[2].answer(), "coat 1 times of 2");  // a tie: the first class
  EXPECT_NEAR(samples[1].seconds(), 0.01, 1e-12);       // a quarter of 20 ms, twice
  const double entropy = -(0.8 * std::log(0.8) + 0.2 * std::log(0.2)) / 2 -
                         (0.7 * std::log(0.7) + 0.3 * std::log(0.3)) / 2;
  EXPECT_NEAR(samples[1].mean_entropy(), entropy, 1e-12);
  EXPECT_EQ(samples[0].payload().notes().at("snow"), "bag, 0.90");
  EXPECT_EQ(samples[0].payload().gold(), "coat");
}

TEST_F(StreamJudgeTest, GivesPointsByImagesSeen) {
  for (int round = 0; round < 16; ++round) ObserveCorruption(0, {0.2, 0.8, 0.4, 0.3});
  std::map<std::string, std::pair<uint64_t, double>> points;
  for (const v1::Point& point : judge_->TakePoints()) {
    EXPECT_TRUE(points.emplace(point.series(), std::pair(point.step(), point.value())).second);
  }
  EXPECT_EQ(points.at("error"), std::pair(uint64_t{64}, 0.25));
  EXPECT_EQ(points.at("samples kept"), std::pair(uint64_t{64}, 64.0));
  EXPECT_EQ(points.at("forward passes"), std::pair(uint64_t{64}, 128.0));
  EXPECT_NEAR(points.at("milliseconds").second, 16 * 20, 1e-9);
  ObserveCorruption(0, {0.2, 0.8, 0.6, 0.3});
  EXPECT_TRUE(judge_->TakePoints().empty());
  ObserveCorruption(1, {0.9, 0.1, 0.6, 0.3}, /*domain_begins=*/true);  // no point spans two domains
  for (const v1::Point& point : judge_->TakePoints()) EXPECT_EQ(point.step(), 68U);
  // What is left comes with the summary, at its own step.
  for (const v1::Point& point : judge_->Summary()) {
    if (point.series() != "error") continue;
    EXPECT_EQ(point.value(), 0.5);
    EXPECT_EQ(point.step(), 72U);
  }
}

TEST_F(StreamJudgeTest, TellsHowWellUnknownImagesAreRejected) {
  // Known ones are 0.8, 0.8, 0.6, 0.7 sure; unknown ones 0.6 (a tie) and 0.9.
  Observe({Item(0, 0), Item(1, 0), Item(2, 0), Item(3, 0), UnknownItem(), UnknownItem()},
          {0.2, 0.8, 0.6, 0.3, 0.6, 0.9}, {0.2, 0.8, 0.6, 0.3, 0.6, 0.9});
  const auto summary = Summary();
  EXPECT_NEAR(summary.at(kUnknownAuroc), (3 + 0.5) / 8, 1e-12);
  EXPECT_EQ(summary.at(kMeanCorruptionError), 0);  // unknown ones do not count
}

TEST_F(StreamJudgeTest, FindsTheWorstGroup) {
  std::vector<StreamItem> items = {Item(0, 0), Item(1, 0), Item(2, 0), Item(3, 0)};
  StreamBuilder builder(4, {"coat/0", "coat/1", "bag/0", "bag/1"});
  for (const StreamItem& item : items) builder.Add(item);
  stream_ = std::move(builder).Build();
  for (StreamItem& item : items) item.request.background = 0;
  items[0].group = 0;
  items[3].group = 1;
  items[1].group = items[2].group = 2;
  Observe(items, {0.2, 0.8, 0.4, 0.9}, {0.2, 0.8, 0.4, 0.9});
  const auto summary = Summary();
  EXPECT_EQ(summary.at("group error/bag/0"), 0.5);
  EXPECT_EQ(summary.at("group error/coat/1"), 1);
  EXPECT_EQ(summary.at(kWorstGroup), 0);
}

TEST_F(StreamJudgeTest, NamesACollapseWhereItIsNoticedOnce) {
  LoadedBatch batch;  // three coats and a bag
  for (const int image : {0, 3, 0, 1}) batch.items.push_back(Item(image, 0));
  std::vector<double> logits;
  for (int i = 0; i < 4; ++i) AddLogits(0.99, &logits);
  const Predictions all_bags(2, logits);
  const std::vector<Guess> before = {{0, 0.9F}, {0, 0.9F}, {0, 0.9F}, {1, 0.9F}};
  for (int round = 0; round < 100; ++round) {
    judge_->Observe(batch, OutcomeOf(all_bags), absl::Milliseconds(1), before);
  }
  std::vector<uint64_t> collapses;
  for (const v1::Point& point : judge_->TakePoints()) {
    if (point.series() == "collapse") collapses.push_back(point.step());
  }
  EXPECT_THAT(collapses, ElementsAre(200));  // when the watch's window is full
  const auto summary = Summary();
  EXPECT_EQ(summary.at(kCollapses), 1);
  EXPECT_EQ(summary.at(kCollapsedAt), 200);
}

TEST_F(StreamJudgeTest, SpoiltLogitsAreWrongAndACollapse) {
  LoadedBatch batch;
  for (int i = 0; i < 4; ++i) batch.items.push_back(Item(i, 0));
  const Predictions spoilt(2, std::vector<double>(8, std::numeric_limits<double>::quiet_NaN()));
  BatchOutcome outcome = OutcomeOf(spoilt);
  outcome.finite = false;
  judge_->Observe(batch, outcome, absl::Milliseconds(1), GuessesOf(spoilt));
  for (const v1::Point& point : judge_->TakePoints()) EXPECT_TRUE(std::isfinite(point.value()));
  const auto summary = Summary();
  EXPECT_EQ(summary.at(kMeanCorruptionError), 1);
  EXPECT_EQ(summary.at(kCollapses), 1);
  EXPECT_EQ(summary.at(kCollapsedAt), 4);
  for (const auto& [name, value] : summary) EXPECT_TRUE(std::isfinite(value)) << name;
  EXPECT_EQ(judge_->Samples()[0].answer(), "nothing");
  EXPECT_TRUE(std::isfinite(judge_->Samples()[0].mean_entropy()));
}

TEST(CalibrationErrorTest, SumsOverBinsOfEqualWidth) {
  CalibrationError error;
  EXPECT_EQ(error.value(), 0);
  // One bin (0.6, 0.667]: 0.65 and 0.61, one right. Another, (0.933, 1]: 1, right.
  error.Add(0.65, true);
  error.Add(0.61, false);
  error.Add(1, true);
  EXPECT_NEAR(error.value(), (std::abs(1 - 1.26) + 0) / 3, 1e-12);
  error.Add(0, false);  // the first bin, well calibrated
  EXPECT_NEAR(error.value(), 0.26 / 4, 1e-12);
}

}  // namespace
}  // namespace entrobench
