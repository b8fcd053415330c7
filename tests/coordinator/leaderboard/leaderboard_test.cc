#include "coordinator/leaderboard/leaderboard.h"

#include "common/value.h"
#include "coordinator/leaderboard/cluster_bootstrap.h"
#include "coordinator/leaderboard/interval.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct TrialOf {
  uint64_t id = 1;
  std::string method = "greedy";
  uint64_t seed = 1;
  uint64_t wanted = 100;
  uint64_t recorded = 100;
  double score_sum = 50;
  std::string model = "tiny";
  double alpha = 0;  // 0: no parameter
  std::string suite_digest = "suite";
};

v1::TrialStatus Make(const TrialOf& of) {
  v1::TrialStatus status;
  v1::Trial* trial = status.mutable_trial();
  trial->set_id(of.id);
  trial->set_seed(of.seed);
  trial->set_samples(of.wanted);
  trial->mutable_method()->set_id(of.method);
  trial->mutable_method()->set_version("1");
  if (of.alpha != 0) {
    (*trial->mutable_method()->mutable_params())["alpha"] = RealValue(of.alpha);
  }
  trial->mutable_model()->set_name(of.model);
  trial->mutable_model()->set_digest("digest of " + of.model);
  trial->mutable_suite()->set_id("arith");
  trial->mutable_suite()->set_digest(of.suite_digest);
  v1::TrialTotals* totals = status.mutable_totals();
  totals->set_samples(of.recorded);
  totals->set_score_sum(of.score_sum);
  totals->set_generated_tokens(of.recorded * 7);
  totals->set_entropy_sum(static_cast<double>(of.recorded) * 0.25);
  totals->set_seconds_sum(static_cast<double>(of.recorded) * 2);
  return status;
}

v1::Leaderboard Build(const std::vector<v1::TrialStatus>& trials,
                      const StatisticsByGroup& statistics = {}) {
  LeaderboardKnowledge known;
  known.statistics = statistics;
  return BuildLeaderboard("arith", "accuracy", GroupTrials(trials), known);
}

TEST(TrialGroup, AnOrderedTrialIsCompleteOnlyOnceItIsDone) {
  v1::TrialStatus trial = Make({.id = 1});
  EXPECT_TRUE(GroupTrials({trial})[0].complete());
  trial.mutable_trial()->mutable_suite()->set_ordered(true);
  for (const v1::State state : {v1::STATE_RUNNING, v1::STATE_FAILED, v1::STATE_CANCELLED}) {
    trial.set_state(state);
    EXPECT_FALSE(GroupTrials({trial})[0].complete()) << state;
  }
  trial.set_state(v1::STATE_DONE);
  EXPECT_TRUE(GroupTrials({trial})[0].complete());
}

TEST(GroupTrials, PutsTheSeedsOfOneConfigurationTogether) {
  const auto groups = GroupTrials({Make({.id = 9, .seed = 2}), Make({.id = 4, .seed = 1}),
                                   Make({.id = 5, .method = "top-h", .alpha = 0.3}),
                                   Make({.id = 6, .method = "top-h", .alpha = 0.4}),
                                   Make({.id = 7, .model = "other"}),
                                   Make({.id = 8, .suite_digest = "newer data"})});
  ASSERT_EQ(groups.size(), 5u);
  size_t of_two_seeds = 0;
  for (const TrialGroup& group : groups) {
    if (group.trials.size() == 1) continue;
    ++of_two_seeds;
    EXPECT_EQ(group.trials[0].trial().seed(), 1u);
    EXPECT_EQ(group.Key(), "4,9");
    EXPECT_EQ(group.samples(), 200u);
  }
  EXPECT_EQ(of_two_seeds, 1u);
}

TEST(GroupTrials, CountsEachSeedOnce) {
  const auto chosen = [](const std::vector<TrialOf>& trials) {
    std::vector<v1::TrialStatus> statuses;
    for (const TrialOf& trial : trials) statuses.push_back(Make(trial));
    const auto groups = GroupTrials(statuses);
    EXPECT_EQ(groups.size(), 1u);
    EXPECT_EQ(groups[0].trials.size(), 1u);
    return groups[0].trials[0].trial().id();
  };
  // Of two complete ones the newer, whatever the order.
  EXPECT_EQ(chosen({{.id = 1}, {.id = 2}}), 2u);
  EXPECT_EQ(chosen({{.id = 2}, {.id = 1}}), 2u);
  // A complete one before a newer one that still runs.
  EXPECT_EQ(chosen({{.id = 1}, {.id = 2, .recorded = 40}}), 1u);
  EXPECT_EQ(chosen({{.id = 1}, {.id = 2, .wanted = 1000, .recorded = 400}}), 1u);
  // Of two incomplete ones the one with more samples.
  EXPECT_EQ(chosen({{.id = 1, .recorded = 41}, {.id = 2, .recorded = 40}}), 1u);
  // A quick look at the first 20 problems does not hide the whole run.
  EXPECT_EQ(chosen({{.id = 1}, {.id = 2, .wanted = 20, .recorded = 20}}), 1u);
}

TEST(Leaderboard, MeansAreOverAllSeeds) {
  const auto board = Build({Make({.id = 1, .seed = 1, .recorded = 100, .score_sum = 50}),
                            Make({.id = 2, .seed = 2, .recorded = 60, .score_sum = 10})});
  ASSERT_EQ(board.rows_size(), 1);
  const v1::LeaderboardRow& row = board.rows(0);
  EXPECT_THAT(row.seeds(), ElementsAre(1, 2));
  EXPECT_THAT(row.trial_ids(), ElementsAre(1, 2));
  EXPECT_EQ(row.samples(), 160u);
  EXPECT_EQ(row.samples_wanted(), 200u);
  EXPECT_DOUBLE_EQ(row.score(), 60.0 / 160);
  EXPECT_DOUBLE_EQ(row.tokens_per_problem(), 7);
  EXPECT_DOUBLE_EQ(row.entropy_per_token(), 0.25);
  EXPECT_DOUBLE_EQ(row.seconds_per_problem(), 2);
}

TEST(Leaderboard, OneSeedHasWilsonsInterval) {
  const auto board = Build({Make({.score_sum = 80})});
  const ScoreInterval wilson = WilsonInterval(0.8, 100);
  EXPECT_EQ(board.rows(0).interval_kind(), kWilson);
  EXPECT_EQ(board.rows(0).score_interval().low(), wilson.low);
  EXPECT_EQ(board.rows(0).score_interval().high(), wilson.high);
  EXPECT_EQ(board.rows(0).problems(), 100u);
}

TEST(Leaderboard, SeveralSeedsHaveTheBootstrapOnceItCoversThem) {
  const std::vector<v1::TrialStatus> trials = {Make({.id = 1, .seed = 1}),
                                               Make({.id = 2, .seed = 2})};
  EXPECT_EQ(Build(trials).rows(0).interval_kind(), kProvisional);

  std::vector<TrialOutcomes> scores(2);
  for (uint64_t id = 0; id < 100; ++id) {
    for (TrialOutcomes& trial : scores) {
      SampleOutcome& sample = trial.samples.emplace_back();
      sample.sample_id = id;
      sample.score = id % 2 == 0 ? 1 : 0;
    }
  }
  const GroupStatistics computed = ComputeStatistics(GroupTrials(trials)[0], scores);
  EXPECT_EQ(computed.key, "1,2");
  EXPECT_EQ(computed.samples_covered, 200u);
  EXPECT_EQ(computed.problems, 100u);
  EXPECT_EQ(computed.kind, kClusterBootstrap);
  // 100 problems, half right, seeds agree: 0.5 +- 1.96 * 0.05.
  EXPECT_NEAR(computed.low, 0.402, 0.011);
  EXPECT_NEAR(computed.high, 0.598, 0.011);
  const auto board = Build(trials, {{computed.key, computed}});
  EXPECT_EQ(board.rows(0).interval_kind(), kClusterBootstrap);
  EXPECT_EQ(board.rows(0).score_interval().low(), computed.low);
  EXPECT_EQ(board.rows(0).problems(), 100u);

  // One more sample, and the stored value is out of date.
  GroupStatistics stale = computed;
  stale.samples_covered = 199;
  EXPECT_EQ(Build(trials, {{stale.key, stale}}).rows(0).interval_kind(), kProvisional);
}

TEST(Leaderboard, RanksBestFirstInGroupsThatTheIntervalsTellApart) {
  // Wilson at n = 100: 90 -> [0.826, 0.945], 85 -> [0.767, 0.907], 75 -> [0.657, 0.825],
  // 72 -> [0.625, 0.799], 10 -> [0.055, 0.174].
  const auto board = Build({Make({.id = 1, .method = "e", .score_sum = 10}),
                            Make({.id = 2, .method = "a", .score_sum = 90}),
                            Make({.id = 3, .method = "d", .score_sum = 72}),
                            Make({.id = 4, .method = "b", .score_sum = 85}),
                            Make({.id = 5, .method = "c", .score_sum = 75})});
  std::vector<std::string> methods;
  std::vector<uint32_t> groups;
  for (const auto& row : board.rows()) {
    methods.push_back(row.method().id());
    groups.push_back(row.group());
  }
  EXPECT_THAT(methods, ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(groups, ElementsAre(1, 1, 2, 2, 3));
  EXPECT_EQ(board.note(), "");
}

TEST(Leaderboard, PairedTestsTellApartWhatIntervalsCannot) {
  const std::vector<v1::TrialStatus> trials = {Make({.id = 1, .method = "a", .score_sum = 55}),
                                               Make({.id = 2, .method = "b", .score_sum = 50}),
                                               Make({.id = 3, .method = "c", .score_sum = 48})};
  const auto groups = GroupTrials(trials);
  LeaderboardKnowledge known;
  // Of rows in the order 1, 2, 3 the pair (1, 2) and the pair (1, 3): bits 0 and 1.
  known.told_apart = ToldApart({{BlockKey(trials[0].trial()),
                                 "arith",
                                 {"1:100", "2:100", "3:100"},
                                 std::string("\x03", 1)}});
  const auto board = BuildLeaderboard("arith", "accuracy", groups, known);
  EXPECT_EQ(board.rows(0).group(), 1u);
  EXPECT_EQ(board.rows(1).group(), 2u);
  EXPECT_EQ(board.rows(2).group(), 2u);
  EXPECT_EQ(Build(trials).rows(1).group(), 1u);  // by intervals
}

TEST(Leaderboard, SaysWhatIsKnownOfTheRow) {
  v1::TrialStatus one = Make({.id = 1}), two = Make({.id = 2, .seed = 2});
  one.mutable_trial()->set_approximation("top 20 log-probabilities");
  one.mutable_trial()->mutable_suite()->set_family("reasoning");
  LeaderboardKnowledge known;
  known.facts[1] = {"first", "2027-01-15T08:00:00.000Z"};
  known.facts[2] = {"second", "2027-01-15T09:00:00.000Z"};
  GroupStatistics statistics;
  statistics.key = "1,2";
  statistics.version = kStatisticsVersion;
  statistics.samples_covered = 200;
  statistics.details.mutable_uncertainty()->set_auroc(0.7);
  known.statistics["1,2"] = statistics;
  const auto board = BuildLeaderboard("arith", "accuracy", GroupTrials({one, two}), known);
  const v1::LeaderboardRow& row = board.rows(0);
  EXPECT_EQ(row.approximation(), "top 20 log-probabilities");
  EXPECT_EQ(row.family(), "reasoning");
  EXPECT_THAT(row.sweeps(), ElementsAre("first", "second"));
  EXPECT_EQ(row.finished_at(), "2027-01-15T09:00:00.000Z");
  EXPECT_EQ(row.uncertainty().auroc(), 0.7);
  known.facts[2].finished_at = "";
  EXPECT_EQ(
      BuildLeaderboard("arith", "accuracy", GroupTrials({one, two}), known).rows(0).finished_at(),
      "");
}

TEST(Leaderboard, ComparesOnlyRowsOfOneModel) {
  const auto board = Build({Make({.id = 1, .score_sum = 10, .model = "mini"}),
                            Make({.id = 2, .method = "top-h", .score_sum = 5, .model = "mini"}),
                            Make({.id = 3, .score_sum = 90, .model = "tiny"}),
                            Make({.id = 4, .method = "top-h", .score_sum = 0, .model = "tiny"})});
  std::vector<std::string> rows;
  for (const auto& row : board.rows()) {
    rows.push_back(row.model() + " " + row.method().id() + " " + std::to_string(row.group()));
  }
  EXPECT_THAT(rows, ElementsAre("tiny greedy 1", "tiny top-h 2", "mini greedy 1", "mini top-h 1"));
}

TEST(Leaderboard, SaysWhenScoresSayNothing) {
  const TrialOf nothing = {.id = 1, .wanted = 1319, .recorded = 1319, .score_sum = 4};
  EXPECT_EQ(Build({Make(nothing)}).note(),
            "scores here are near zero: they say nothing about the methods");
  // One of 100 may be 5%: too few samples to call it zero.
  EXPECT_EQ(Build({Make({.score_sum = 1})}).note(), "");
  // One method that can do it makes the others' zeros mean something.
  EXPECT_EQ(Build({Make(nothing), Make({.id = 2, .method = "top-h"})}).note(), "");
  TrialOf other = nothing;
  other.id = 2;
  other.model = "big";
  other.score_sum = 900;
  EXPECT_THAT(Build({Make(nothing), Make(other)}).note(), HasSubstr("tiny: scores here"));
}

TEST(Leaderboard, IsEmptyWithoutTrials) {
  const auto board = Build({});
  EXPECT_EQ(board.suite(), "arith");
  EXPECT_EQ(board.primary_metric(), "accuracy");
  EXPECT_EQ(board.rows_size(), 0);
  EXPECT_EQ(board.note(), "");
}

}  // namespace
}  // namespace entrobench
