// Comparisons, gates, a trial's page and the background statistics on a real store.
#include "coordinator/services/comparisons.h"

#include "absl/strings/str_cat.h"
#include "common/series.h"
#include "coordinator/services/statistics.h"
#include "coordinator/services/trial_detail.h"
#include "gmock/gmock.h"
#include "tests/coordinator/store/store_fixture.h"

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr uint64_t kProblems = 60;

class ComparisonsTest : public StoreTest {
 protected:
  // A worker that describes the suite, so that it is known.
  ComparisonsTest() {
    v1::Hello hello;
    hello.set_worker_id("w1");
    v1::SuiteInfo* suite = hello.mutable_catalog()->add_suites();
    suite->set_id("arith");
    suite->set_version("1");
    suite->set_primary_metric("accuracy");
    v1::MetricInfo* metric = suite->add_metrics();
    metric->set_name("worst-group accuracy");
    metric->set_column(true);
    EXPECT_TRUE(WaitFor<absl::Status>([&](auto done) { store_->RecordHello(hello, done); }).ok());
  }

  static v1::Trial TrialOf(const std::string& method, uint64_t seed = 1,
                           const std::string& version = "1") {
    v1::Trial trial = MakeTrial(kProblems, "", seed);
    trial.mutable_method()->set_id(method);
    trial.mutable_method()->set_version(version);
    return trial;
  }

  // A sweep of these trials; problem p of trial i is right when right(i, p).
  template <typename Right>
  uint64_t Run(std::vector<v1::Trial> trials, const Right& right, uint64_t recorded = kProblems) {
    const CreatedSweep sweep = Create(std::move(trials));
    for (const JobRecord& job : sweep.jobs) {
      const uint64_t index = job.trial_id - sweep.trials[0].trial().id();
      std::vector<v1::SampleResult> samples;
      for (uint64_t id = job.samples.begin; id < std::min(job.samples.end, recorded); ++id) {
        v1::SampleResult sample = MakeSample(id, right(index, id) ? 1 : 0);
        sample.set_answer(right(index, id) ? "yes" : "no");
        // The wrong ones are the uncertain ones, nearly.
        sample.set_uncertainty((right(index, id) ? 0.0 : 1.0) + (id % 7 == 0 ? 1.5 : 0));
        (*sample.mutable_metrics())["f1"] = right(index, id) ? 0.75 : 0.25;
        (*sample.mutable_metrics())["depth"] = 3;
        samples.push_back(sample);
      }
      EXPECT_TRUE(Lease(job.job_id, 1).ok());
      if (samples.empty()) continue;
      const bool all = samples.size() == job.samples.end - job.samples.begin;
      EXPECT_TRUE(
          Record(Batch(job.job_id, 1, 1, samples,
                       all ? v1::AttemptEnd::OUTCOME_DONE : v1::AttemptEnd::OUTCOME_UNSPECIFIED))
              .ok());
    }
    return sweep.status.id();
  }

  void SetBaseline(const std::string& name, uint64_t sweep, uint64_t trial = 0) {
    v1::SetBaselineRequest request;
    request.set_name(name);
    request.set_sweep_id(sweep);
    request.set_trial_id(trial);
    EXPECT_TRUE(WaitFor<absl::StatusOr<v1::Baseline>>([&](auto done) {
                  store_->SetBaseline(request, done);
                }).ok());
  }

  absl::StatusOr<v1::Comparison> Compare(const v1::CompareRequest& request) {
    return ReadNow(*store_, [&](Reader& reader) { return CompareSides(request, reader); });
  }
  absl::StatusOr<v1::GateReport> Gate(uint64_t candidate, bool sequential = false,
                                      const std::string& metric = "", double margin = 0) {
    v1::GateRequest request;
    request.set_baseline("main");
    request.set_candidate_sweep_id(candidate);
    request.set_sequential(sequential);
    request.set_metric(metric);
    request.set_margin(margin);
    return ReadNow(*store_, [&](Reader& reader) { return JudgeCandidate(request, reader); });
  }
};

TEST_F(ComparisonsTest, SidesAreSweepsTrialsAndBaselines) {
  const uint64_t sweep = Run({TrialOf("greedy"), TrialOf("top-h")},
                             [](uint64_t trial, uint64_t id) { return id < 30 + 10 * trial; });
  v1::CompareRequest request;
  request.mutable_a()->set_sweep_id(sweep);
  request.mutable_a()->set_method("greedy");
  request.mutable_b()->set_trial_id(2);
  const auto comparison = Compare(request);
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_EQ(comparison->only_b(), 10u);
  EXPECT_EQ(comparison->a().method().id(), "greedy");
  EXPECT_DOUBLE_EQ(comparison->p_value(), 2.0 / 1024);

  SetBaseline("main", 0, 1);
  request.mutable_a()->set_baseline("main");
  EXPECT_EQ(Compare(request)->only_b(), 10u);

  request.mutable_a()->set_baseline("mian");
  EXPECT_EQ(Compare(request).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(Compare(request).status().message()), HasSubstr("did you mean 'main'"));
  request.mutable_a()->set_sweep_id(sweep);
  request.mutable_a()->clear_method();
  EXPECT_THAT(std::string(Compare(request).status().message()), HasSubstr("side A has 2 cells"));
  request.mutable_a()->set_sweep_id(99);
  EXPECT_EQ(Compare(request).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ComparisonsTest, TheGateHoldsAnotherVersionAgainstTheBaseline) {
  const auto half = [](uint64_t, uint64_t id) { return id % 2 == 0; };
  SetBaseline("main", Run({TrialOf("greedy"), TrialOf("eta")}, half));
  const uint64_t same = Run({TrialOf("greedy", 1, "2")}, half);
  const auto pass = Gate(same);
  ASSERT_TRUE(pass.ok()) << pass.status();
  EXPECT_EQ(pass->verdict(), v1::VERDICT_PASS);  // 60 problems, none worse
  EXPECT_EQ(pass->request().margin(), 0.05);     // the default
  EXPECT_EQ(pass->baseline_sweep_id(), 1u);
  EXPECT_THAT(pass->unmatched(), ElementsAre(HasSubstr("eta")));

  const uint64_t worse =
      Run({TrialOf("greedy", 1, "3")}, [](uint64_t, uint64_t id) { return id % 4 == 0; });
  EXPECT_EQ(Gate(worse)->verdict(), v1::VERDICT_REGRESSION);
  EXPECT_EQ(Gate(worse, /*sequential=*/true)->verdict(), v1::VERDICT_REGRESSION);

  // A metric of the samples: it fell by half of what the score did, by the same problems.
  const auto metric = Gate(worse, false, "f1");
  EXPECT_NEAR(metric->checks(0).comparison().delta(), -0.125, 1e-12);
  EXPECT_EQ(Gate(worse, false, "accuracy")->checks(0).comparison().delta(), -0.25);
  EXPECT_THAT(std::string(Gate(worse, false, "depth").status().message()),
              HasSubstr("needs one between 0 and 1"));
  EXPECT_THAT(std::string(Gate(worse, false, "f2").status().message()),
              HasSubstr("reports the metric 'f2'"));
}

TEST_F(ComparisonsTest, AGateThatCannotRunSaysWhy) {
  const auto all = [](uint64_t, uint64_t) { return true; };
  const uint64_t sweep = Run({TrialOf("greedy")}, all);
  EXPECT_EQ(Gate(sweep).status().code(), absl::StatusCode::kNotFound);
  SetBaseline("main", sweep);
  EXPECT_EQ(Gate(99).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Gate(sweep, false, "", 1.5).status().code(), absl::StatusCode::kInvalidArgument);
  const uint64_t other = Run({TrialOf("eta")}, all);
  EXPECT_EQ(Gate(other).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Gate(other).status().message()), HasSubstr("no cell in common"));
  // Half of it ran: only a sequential gate may look.
  const uint64_t running = Run({TrialOf("greedy", 1, "2")}, all, 35);
  EXPECT_THAT(std::string(Gate(running).status().message()),
              HasSubstr("25 samples of the candidate"));
  const auto looking = Gate(running, /*sequential=*/true);
  ASSERT_TRUE(looking.ok()) << looking.status();
  EXPECT_EQ(looking->checks(0).comparison().pairs(), 35u);
  EXPECT_EQ(looking->verdict(), v1::VERDICT_INCONCLUSIVE);
  EXPECT_GT(looking->checks(0).more_samples(), 20u);
}

TEST_F(ComparisonsTest, ATrialsPageIsComputedFromItsSamples) {
  Run({TrialOf("greedy")}, [](uint64_t, uint64_t id) { return id < 40; });
  const auto detail = ReadNow(*store_, [](Reader& reader) { return ReadTrialDetail(1, reader); });
  ASSERT_TRUE(detail.ok()) << detail.status();
  EXPECT_EQ(detail->sweep_name(), "a sweep");
  ASSERT_EQ(detail->breakdown_size(), 1);
  EXPECT_EQ(detail->breakdown(0).group(), "3 steps");
  EXPECT_NEAR(detail->breakdown(0).score(), 40 / 60.0, 1e-12);
  EXPECT_LT(detail->breakdown(0).interval().low(), 40 / 60.0);
  EXPECT_GT(detail->uncertainty().auroc(), 0.8);
  EXPECT_EQ(detail->uncertainty().curve_size(), 60);
  EXPECT_GT(detail->uncertainty().reliability_size(), 0);
  EXPECT_EQ(detail->metrics().at("depth"), 3);
  EXPECT_EQ(
      ReadNow(*store_, [](Reader& reader) { return ReadTrialDetail(9, reader); }).status().code(),
      absl::StatusCode::kNotFound);
}

TEST_F(ComparisonsTest, TheLeaderboardTellsApartAndMeasuresInTheBackground) {
  // Two seeds each. "b" has 10 problems more than "a", on both seeds: told apart by the pairs.
  Run({TrialOf("a", 1), TrialOf("a", 2), TrialOf("b", 1), TrialOf("b", 2)},
      [](uint64_t trial, uint64_t id) { return id < (trial < 2 ? 30 : 40); });
  v1::LeaderboardRequest request;
  request.set_suite("arith");
  const auto read = [&] {
    return *ReadNow(*store_, [&](Reader& reader) { return ReadLeaderboard(request, reader); });
  };
  const CurrentLeaderboard before = read();
  EXPECT_TRUE(before.stale);
  EXPECT_EQ(before.board.rows(1).group(), 1u);
  EXPECT_FALSE(before.board.rows(0).has_uncertainty());
  {
    Statistics statistics(store_.get(), nullptr);
    WaitFor<bool>([&](auto done) { statistics.RefreshThen("arith", [done] { done(true); }); });
  }
  for (const uint64_t sweep : {0, 1}) {
    request.set_sweep_id(sweep);
    const CurrentLeaderboard after = read();
    EXPECT_FALSE(after.stale);
    EXPECT_EQ(after.board.rows(0).method().id(), "b");
    EXPECT_EQ(after.board.rows(1).group(), 2u);
    EXPECT_GT(after.board.rows(0).uncertainty().auroc(), 0.8);
    EXPECT_EQ(after.board.rows(0).pass_at_k_size(), 2);
    EXPECT_EQ(after.board.rows(0).metrics().at("depth"), 3);
    EXPECT_THAT(after.board.rows(0).sweeps(), ElementsAre("a sweep"));
  }
}

TEST_F(ComparisonsTest, ASweepsOwnBoardIsComparedInPairsThoughALargerRunStandsElsewhere) {
  // The same cells on fewer problems first: the suite's board shows the larger runs.
  const auto trials = [&](uint64_t samples) {
    std::vector<v1::Trial> all = {TrialOf("a", 1), TrialOf("a", 2), TrialOf("b", 1),
                                  TrialOf("b", 2)};
    for (v1::Trial& trial : all) trial.set_samples(samples);
    return all;
  };
  const auto right = [](uint64_t trial, uint64_t id) { return id < (trial % 4 < 2 ? 30 : 40); };
  Run(trials(kProblems - 10), right);
  Run(trials(kProblems), right);
  {
    Statistics statistics(store_.get(), nullptr);
    WaitFor<bool>([&](auto done) { statistics.RefreshThen("arith", [done] { done(true); }); });
  }
  for (const uint64_t sweep : {0, 1, 2}) {
    v1::LeaderboardRequest request;
    request.set_suite("arith");
    request.set_sweep_id(sweep);
    const auto board =
        ReadNow(*store_, [&](Reader& reader) { return ReadLeaderboard(request, reader); });
    ASSERT_TRUE(board.ok());
    EXPECT_EQ(board->board.rows(0).problems(), sweep == 1 ? kProblems - 10 : kProblems);
    EXPECT_EQ(board->board.rows(1).group(), 2u) << "sweep " << sweep;
  }
}

TEST_F(ComparisonsTest, WhatATrialSaysOfItselfIsAmongItsMetrics) {
  NewSweep sweep;
  for (const uint64_t seed : {1, 2}) {
    sweep.trials.push_back(TrialOf("tent", seed));
    sweep.trials.back().mutable_suite()->set_ordered(true);
  }
  sweep.cut_jobs = SlicesOf(kProblems);
  const CreatedSweep created = *TryCreate(std::move(sweep));
  for (const JobRecord& job : created.jobs) {
    ASSERT_TRUE(Lease(job.job_id, 1).ok());
    std::vector<v1::SampleResult> samples = Samples(0, kProblems);
    for (v1::SampleResult& sample : samples) (*sample.mutable_metrics())["depth"] = 3;
    ASSERT_TRUE(Record(Batch(job.job_id, 1, 1, samples)).ok());
  }
  v1::LeaderboardRequest request;
  request.set_suite("arith");
  const auto read = [&] {
    return *ReadNow(*store_, [&](Reader& reader) { return ReadLeaderboard(request, reader); });
  };
  // Every sample is there, but the trials have not spoken yet: nothing is computed too early.
  EXPECT_FALSE(read().stale);

  const auto end = [&](const JobRecord& job, const std::map<std::string, double>& summaries) {
    v1::ResultBatch last = Batch(job.job_id, 1, 2, {}, v1::AttemptEnd::OUTCOME_DONE);
    v1::Point* curve = last.add_points();
    curve->set_series("online error");
    for (const auto& [name, value] : summaries) {
      v1::Point* point = last.add_points();
      point->set_series(SummarySeries(name));
      point->set_value(value);
    }
    ASSERT_TRUE(Record(last).ok());
  };
  end(created.jobs[0], {{"worst-group accuracy", 0.5}, {"depth", 4}});
  end(created.jobs[1], {{"worst-group accuracy", 0.75}, {"depth", 4}, {"collapsed at", 1280}});
  EXPECT_TRUE(read().stale);
  {
    Statistics statistics(store_.get(), nullptr);
    WaitFor<bool>([&](auto done) { statistics.RefreshThen("arith", [done] { done(true); }); });
  }
  const CurrentLeaderboard now = read();
  EXPECT_FALSE(now.stale);
  EXPECT_EQ(now.board.metrics(0).name(), "worst-group accuracy");
  EXPECT_TRUE(now.board.metrics(0).column());
  // Means over the seeds that have it; the trial's word goes before the samples' mean.
  const auto& metrics = now.board.rows(0).metrics();
  EXPECT_EQ(metrics.at("worst-group accuracy"), 0.625);
  EXPECT_EQ(metrics.at("collapsed at"), 1280);
  EXPECT_EQ(metrics.at("depth"), 4);
  const auto detail = ReadNow(*store_, [](Reader& reader) { return ReadTrialDetail(1, reader); });
  EXPECT_EQ(detail->metrics().at("worst-group accuracy"), 0.5);
  EXPECT_THAT(detail->series(), ElementsAre("online error"));
}

}  // namespace
}  // namespace entrobench
