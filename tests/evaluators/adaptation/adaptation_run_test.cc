// What runs a method through a stream, what watches it, and the table of all methods.
#include "evaluators/adaptation/adaptation_run.h"

#include <limits>
#include <set>

#include "absl/strings/match.h"
#include "evaluators/adaptation/collapse_watch.h"
#include "evaluators/adaptation/methods/tent.h"
#include "tests/evaluators/adaptation/network_testing.h"

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

v1::MethodConfig ConfigOf(const char* id) {
  v1::MethodConfig config;
  config.set_id(id);
  config.set_version("1");
  return config;
}

TEST(AdaptationRun, ResetsWhereTheProtocolSaysAndNowhereElse) {
  auto network = std::make_unique<ToyNetwork>();
  const ToyNetwork& seen = *network;
  auto run =
      AdaptationRun::Start(std::move(network), *MakeAdaptationMethod(ConfigOf("tent")), {}, 1);
  ASSERT_TRUE(run.ok()) << run.status();
  const OwnedImages batch = ToyBatch();
  const double first = (*run)->Next(batch.view(), true)->entropy;
  EXPECT_NEAR(first, 0.448250, 6e-7);
  const std::vector<double> adapted = seen.theta();
  const double second = (*run)->Next(batch.view(), false)->entropy;
  EXPECT_LT(second, first);
  EXPECT_EQ((*run)->Next(batch.view(), true)->entropy, first);
  EXPECT_EQ(seen.theta(), adapted);
}

TEST(AdaptationRun, CountsWhatABatchCost) {
  const auto passes = [](const char* method) {
    auto run = AdaptationRun::Start(std::make_unique<ToyNetwork>(),
                                    *MakeAdaptationMethod(ConfigOf(method)), {}, 1);
    EXPECT_TRUE(run.ok()) << run.status();
    const OwnedImages batch = ToyBatch();
    EXPECT_TRUE((*run)->Next(batch.view(), false).ok());
    const Passes cost = (*run)->Next(batch.view(), false)->passes;
    return std::vector<int64_t>{cost.forward, cost.backward};
  };
  EXPECT_THAT(passes("source"), ElementsAre(4, 0));
  EXPECT_THAT(passes("tent"), ElementsAre(4, 4));
  EXPECT_THAT(passes("sar"), ElementsAre(8, 8));
  EXPECT_THAT(passes("ostta"), ElementsAre(8, 4));
  EXPECT_THAT(passes("adte"), ElementsAre(256, 0));
}

TEST(AdaptationRun, SaysThatALossIsNoNumber) {
  class Broken final : public AdaptationMethod {
   public:
    absl::Status Begin(Network*, const StreamSetting&) override { return absl::OkStatus(); }
    absl::StatusOr<Adapted> Adapt(const ImageBatch&, Random) override {
      return Adapted{Predictions(2, {0, 1}), 1, std::numeric_limits<double>::quiet_NaN()};
    }
    void Reset() override {}
  };
  auto run =
      AdaptationRun::Start(std::make_unique<ToyNetwork>(), std::make_unique<Broken>(), {}, 1);
  ASSERT_TRUE(run.ok());
  EXPECT_FALSE((*run)->Next(ToyBatch().view(), false)->finite);
}

// The same parameters, batches and seed give the same numbers, random transforms included.
TEST(AdaptationMethods, AllRunThroughAStreamTwiceAlike) {
  for (const AdaptationEntry& entry : AdaptationMethods()) {
    SCOPED_TRACE(entry.info.id());
    std::vector<std::vector<double>> entropies;
    for (int repeat = 0; repeat < 2; ++repeat) {
      const OwnedImages source = Rows({{0.1F, 0.2F}, {0.3F, 0.6F}, {0.9F, -0.4F}});
      StreamSetting setting;
      setting.batch_size = 4;
      setting.source = {source.view()};
      auto run = AdaptationRun::Start(std::make_unique<ToyNetwork>(),
                                      *MakeAdaptationMethod(ConfigOf(entry.info.id().c_str())),
                                      setting, 7);
      ASSERT_TRUE(run.ok()) << run.status();
      std::vector<double> series;
      const OwnedImages batch = ToyBatch();
      for (int i = 0; i < 3; ++i) {
        const auto outcome = (*run)->Next(batch.view(), i == 2);
        ASSERT_TRUE(outcome.ok()) << outcome.status();
        EXPECT_TRUE(outcome->finite);
        EXPECT_EQ(outcome->predictions.rows(), 4);
        series.push_back(outcome->entropy);
      }
      entropies.push_back(series);
    }
    EXPECT_EQ(entropies[0], entropies[1]);
  }
}

TEST(AdaptationMethods, AreEachOnceInTheTableAndFullyDescribed) {
  std::set<std::string> ids;
  for (const AdaptationEntry& entry : AdaptationMethods()) {
    const v1::MethodInfo& info = entry.info;
    SCOPED_TRACE(info.id());
    EXPECT_TRUE(ids.insert(info.id()).second);
    EXPECT_EQ(info.family(), "adaptation");
    EXPECT_FALSE(info.title().empty());
    EXPECT_FALSE(info.summary().empty());
    EXPECT_FALSE(info.equation().empty());
    EXPECT_FALSE(info.cost().empty());
    EXPECT_THAT(info.needs(), ElementsAre(v1::CAPABILITY_CLASSIFY));
    if (!info.rival()) {
      EXPECT_TRUE(absl::StartsWith(info.paper().url(), "https://arxiv.org/abs/"));
    }
    EXPECT_TRUE(MakeAdaptationMethod(ConfigOf(info.id().c_str())).ok());  // with the defaults
  }
  EXPECT_EQ(ids.size(), 12U);
}

TEST(AdaptationMethods, RefuseParametersByName) {
  v1::MethodConfig config = ConfigOf("sar");
  (*config.mutable_params())["margn"] = RealValue(0.4);
  const auto unknown = MakeAdaptationMethod(config);
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("did you mean 'margin'"));
  EXPECT_EQ(MakeAdaptationMethod(ConfigOf("tentt")).status().code(), absl::StatusCode::kNotFound);
}

// Each of ten classes once.
const std::vector<int> kAllClasses = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
const std::vector<int> kThrees(10, 3);

TEST(CollapseWatch, NoticesOneClassForMostOfAWindowOnce) {
  CollapseWatch watch(10, 20);
  EXPECT_FALSE(watch.Observe(kAllClasses, kAllClasses, kAllClasses, true));
  EXPECT_FALSE(watch.Observe(kThrees, kAllClasses, kAllClasses, true));  // 55%
  EXPECT_TRUE(watch.Observe(kThrees, kAllClasses, kAllClasses, true));
  EXPECT_FALSE(watch.Observe(kThrees, kAllClasses, kAllClasses, true));
  watch.Reset();
  EXPECT_FALSE(watch.Observe(kThrees, kAllClasses, kAllClasses, true));
  EXPECT_TRUE(watch.Observe(kThrees, kAllClasses, kAllClasses, true));
}

TEST(CollapseWatch, NoticesTwoClassesForNearlyAllOfAWindow) {
  CollapseWatch watch(10, 20);
  const std::vector<int> two = {3, 4, 3, 4, 3, 4, 3, 4, 3, 5};
  EXPECT_FALSE(watch.Observe(two, kAllClasses, kAllClasses, true));
  EXPECT_TRUE(watch.Observe(two, kAllClasses, kAllClasses, true));
}

TEST(CollapseWatch, IsQuietWhenTheStreamItselfShowsOneClass) {
  CollapseWatch watch(10, 20);
  for (int batch = 0; batch < 5; ++batch) {
    EXPECT_FALSE(watch.Observe(kThrees, kAllClasses, kThrees, true));
  }
}

TEST(CollapseWatch, IsQuietWhenTheUnadaptedNetworkSaysTheSame) {
  CollapseWatch watch(10, 20);
  for (int batch = 0; batch < 5; ++batch) {
    EXPECT_FALSE(watch.Observe(kThrees, kThrees, kAllClasses, true));
  }
}

TEST(CollapseWatch, NoticesWhatIsNoNumberAtOnce) {
  CollapseWatch watch(10, 20);
  EXPECT_TRUE(watch.Observe({-1}, {1}, {-1}, false));
}

}  // namespace
}  // namespace entrobench
