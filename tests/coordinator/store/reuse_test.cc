// A cell's samples are run once: later sweeps take them over.
#include "common/series.h"
#include "gmock/gmock.h"
#include "tests/coordinator/store/store_fixture.h"

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
constexpr auto kDone = v1::AttemptEnd::OUTCOME_DONE;

class ReuseTest : public StoreTest {
 protected:
  void RunAll(const CreatedSweep& sweep) {
    for (const JobRecord& job : sweep.jobs) RunJob(job);
  }
};

TEST_F(ReuseTest, TheSameCellIsDoneAtOnce) {
  RunAll(Create({MakeTrial(20, "cell")}));
  const v1::TrialTotals before = Trial(1).totals();
  const CreatedSweep again = Create({MakeTrial(20, "cell")});
  EXPECT_THAT(again.jobs, IsEmpty());
  EXPECT_EQ(again.status.state(), v1::STATE_DONE);
  EXPECT_NE(again.status.finished_at(), "");
  EXPECT_EQ(again.status.samples_reused(), 20u);
  v1::TrialTotals after = again.trials[0].totals();
  EXPECT_EQ(after.reused(), 20u);
  after.set_reused(0);
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
}

TEST_F(ReuseTest, KeepsTheOriginalProvenanceAndPayload) {
  const CreatedSweep first = Create({MakeTrial(4, "cell")});
  ASSERT_TRUE(Lease(first.jobs[0].job_id, 1, "original").ok());
  std::vector<v1::SampleResult> samples = Samples(0, 4);
  samples[3].mutable_payload()->set_prompt("Q?");
  samples[3].set_uncertainty(-2.5);
  ASSERT_TRUE(Record(Batch(first.jobs[0].job_id, 1, 1, samples, kDone)).ok());
  now_ += absl::Hours(24);
  Create({MakeTrial(4, "cell")});
  Create({MakeTrial(4, "cell")});  // taken over from the second, run for the first
  const auto sample = Ask([](Reader& reader) { return reader.GetSample(3, 3); });
  EXPECT_EQ(sample.provenance().reused_from_trial(), 1u);
  EXPECT_EQ(sample.provenance().worker(), "original name");
  EXPECT_EQ(sample.provenance().recorded_at(), "2027-01-15T08:00:00.000Z");
  EXPECT_EQ(sample.sample().payload().prompt(), "Q?");
  EXPECT_EQ(sample.sample().uncertainty(), -2.5);
  EXPECT_EQ(sample.trial().trial().id(), 3u);
}

TEST_F(ReuseTest, RunsOnlyWhatIsMissing) {
  const CreatedSweep first = Create({MakeTrial(30, "cell")});
  RunJob(first.jobs[1]);  // [10, 20) of a sweep that never ends
  const CreatedSweep more = Create({MakeTrial(40, "cell")});
  EXPECT_EQ(more.status.samples_reused(), 10u);
  ASSERT_EQ(more.jobs.size(), 3u);
  EXPECT_EQ(more.jobs[0].samples.begin, 0u);
  EXPECT_EQ(more.jobs[1].samples.begin, 20u);
  EXPECT_EQ(more.jobs[2].samples.begin, 30u);
  RunAll(more);
  EXPECT_EQ(Sweep(2).state(), v1::STATE_DONE);
  EXPECT_EQ(AllSamples(2).size(), 40u);
  // A smaller one takes the first ones.
  const CreatedSweep fewer = Create({MakeTrial(5, "cell")});
  EXPECT_EQ(fewer.status.samples_done(), 5u);
  EXPECT_EQ(AllSamples(3).back().sample_id(), 4u);
}

TEST_F(ReuseTest, PutsTheNewestOfSeveralEarlierTrialsFirst) {
  const CreatedSweep old_sweep = Create({MakeTrial(20, "cell")});
  const CreatedSweep new_sweep = Create({MakeTrial(20, "cell")}, /*fresh=*/true);
  ASSERT_EQ(new_sweep.jobs.size(), 2u);
  RunAll(old_sweep);
  const uint64_t job = new_sweep.jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1).ok());
  ASSERT_TRUE(Record(Batch(job, 1, 1, {MakeSample(3, 0.5)})).ok());
  const CreatedSweep third = Create({MakeTrial(20, "cell")});
  EXPECT_EQ(third.status.state(), v1::STATE_DONE);
  EXPECT_EQ(third.trials[0].totals().score_sum(), 19.5);
  EXPECT_EQ(
      Ask([](Reader& reader) { return reader.GetSample(3, 3); }).provenance().reused_from_trial(),
      2u);
}

TEST_F(ReuseTest, FreshOtherOrNamelessCellsTakeNothing) {
  RunAll(Create({MakeTrial(10, "cell"), MakeTrial(10, "")}));
  EXPECT_EQ(Create({MakeTrial(10, "cell")}, /*fresh=*/true).jobs.size(), 1u);
  EXPECT_EQ(Create({MakeTrial(10, "other")}).jobs.size(), 1u);
  EXPECT_EQ(Create({MakeTrial(10, "")}).jobs.size(), 1u);
}

TEST_F(ReuseTest, ASampleThatEndedInAnErrorRunsAgain) {
  const uint64_t job = Create({MakeTrial(4, "cell")}).jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1).ok());
  std::vector<v1::SampleResult> samples = Samples(0, 4);
  samples[2].set_error("timeout");
  samples[2].set_score(0);
  ASSERT_TRUE(Record(Batch(job, 1, 1, samples, kDone)).ok());
  const CreatedSweep again = Create({MakeTrial(4, "cell")});
  EXPECT_EQ(again.status.samples_reused(), 3u);
  ASSERT_EQ(again.jobs.size(), 1u);
  ASSERT_TRUE(Lease(again.jobs[0].job_id, 1).ok());
  const auto outcome = Record(Batch(again.jobs[0].job_id, 1, 1, {MakeSample(2)}, kDone));
  EXPECT_EQ(outcome->progress.sweep, v1::STATE_DONE);
  EXPECT_EQ(Trial(2).totals().errors(), 0u);
  EXPECT_EQ(Trial(2).totals().score_sum(), 4);
}

TEST_F(ReuseTest, AnOrderedSuiteTakesAllOrNothing) {
  v1::Trial trial = MakeTrial(20, "cell");
  trial.mutable_suite()->set_ordered(true);
  NewSweep sweep;
  sweep.trials = {trial};
  sweep.cut_jobs = SlicesOf(20);
  const CreatedSweep first = *TryCreate(sweep);
  ASSERT_EQ(first.jobs.size(), 1u);
  const uint64_t job = first.jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1).ok());
  ASSERT_TRUE(Record(Batch(job, 1, 1, Samples(0, 10))).ok());
  const CreatedSweep second = *TryCreate(sweep);
  EXPECT_EQ(second.status.samples_reused(), 0u);
  EXPECT_EQ(second.jobs.size(), 1u);
  ASSERT_TRUE(Record(Batch(job, 1, 2, Samples(10, 20))).ok());
  EXPECT_EQ(TryCreate(sweep)->status.samples_reused(), 0u);  // it has not said that it is done
  ASSERT_TRUE(Record(Batch(job, 1, 3, {}, kDone)).ok());
  EXPECT_EQ(TryCreate(sweep)->status.samples_reused(), 20u);
  // And is never cut in two.
  sweep.fresh = true;
  sweep.cut_jobs = SlicesOf(10);
  EXPECT_EQ(TryCreate(sweep).status().code(), absl::StatusCode::kInternal);
}

TEST_F(ReuseTest, AnOrderedRunOfTheSameLengthBringsItsPoints) {
  v1::Trial trial = MakeTrial(10, "cell");
  trial.mutable_suite()->set_ordered(true);
  const CreatedSweep first = Create({trial});
  ASSERT_TRUE(Lease(first.jobs[0].job_id, 1).ok());
  v1::ResultBatch batch = Batch(first.jobs[0].job_id, 1, 1, Samples(0, 10), kDone);
  for (const uint64_t step : {5, 10}) {
    v1::Point* point = batch.add_points();
    point->set_series("online error");
    point->set_step(step);
    point->set_value(0.5);
  }
  v1::Point* summary = batch.add_points();
  summary->set_series(SummarySeries("worst-group accuracy"));
  summary->set_value(0.25);
  ASSERT_TRUE(Record(batch).ok());
  const CreatedSweep again = Create({trial});
  EXPECT_EQ(again.status.samples_reused(), 10u);
  EXPECT_THAT(Ask([](Reader& reader) { return reader.SeriesNames(2); }),
              ElementsAre("online error"));
  EXPECT_EQ(Ask([](Reader& reader) { return reader.Summaries(2); }).at("worst-group accuracy"),
            0.25);
  // The first samples of a longer stream are not a shorter stream's.
  trial.set_samples(5);
  EXPECT_EQ(Create({trial}).status.samples_reused(), 0u);
  EXPECT_THAT(Ask([](Reader& reader) { return reader.SeriesNames(3); }), IsEmpty());
}

}  // namespace
}  // namespace entrobench
