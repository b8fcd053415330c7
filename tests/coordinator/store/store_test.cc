#include "coordinator/store/store.h"

#include <limits>

#include "common/series.h"
#include "gmock/gmock.h"
#include "tests/coordinator/store/store_fixture.h"

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Verdict = BatchOutcome::Verdict;
constexpr auto kDone = v1::AttemptEnd::OUTCOME_DONE;
constexpr auto kFailed = v1::AttemptEnd::OUTCOME_FAILED;
constexpr auto kCancelled = v1::AttemptEnd::OUTCOME_CANCELLED;

TEST_F(StoreTest, CreatesASweepWithItsTrialsAndJobs) {
  const CreatedSweep sweep = Create({MakeTrial(25), MakeTrial(10, "", 2)});
  EXPECT_EQ(sweep.status.id(), 1u);
  EXPECT_EQ(sweep.status.state(), v1::STATE_RUNNING);
  EXPECT_EQ(sweep.status.created_at(), "2027-01-15T08:00:00.000Z");
  EXPECT_EQ(sweep.status.samples(), 35u);
  EXPECT_EQ(sweep.status.jobs(), 4u);
  ASSERT_EQ(sweep.trials.size(), 2u);
  EXPECT_EQ(sweep.trials[1].trial().seed(), 2u);
  EXPECT_EQ(sweep.trials[1].trial().sweep_id(), 1u);
  EXPECT_EQ(sweep.trials[0].jobs(), 3u);
  ASSERT_EQ(sweep.jobs.size(), 4u);
  EXPECT_EQ(sweep.jobs[2].samples.begin, 20u);
  EXPECT_EQ(sweep.jobs[2].samples.end, 25u);
  EXPECT_EQ(sweep.jobs[3].trial_id, sweep.trials[1].trial().id());

  const auto reply = Ask([](Reader& reader) { return reader.GetSweep(1); });
  EXPECT_EQ(reply.yaml(), "name: a sweep\n");
  EXPECT_EQ(reply.trials_size(), 2);
  EXPECT_EQ(reply.trials(0).trial().suite().digest(), "suitedigest");
}

TEST_F(StoreTest, RefusesACutThatLosesOrRepeatsSamples) {
  const std::vector<std::vector<SampleRange>> wrong = {
      {{0, 5}}, {{0, 5}, {6, 10}}, {{0, 6}, {5, 10}}, {{0, 11}}, {{0, 10}, {10, 10}}, {}};
  for (const auto& slices : wrong) {
    NewSweep sweep;
    sweep.trials = {MakeTrial(10)};
    sweep.cut_jobs = [&](const v1::Trial&, const std::vector<uint64_t>&) { return slices; };
    EXPECT_EQ(TryCreate(std::move(sweep)).status().code(), absl::StatusCode::kInternal);
  }
  EXPECT_THAT(Ask([](Reader& reader) { return reader.ListSweeps(); }), IsEmpty());
}

TEST_F(StoreTest, CountsSamplesInTheSameCommit) {
  const CreatedSweep sweep = Create({MakeTrial(10)});
  const uint64_t job = sweep.jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1).ok());
  v1::SampleResult right = MakeSample(0, 1), half = MakeSample(1, 0.5), wrong = MakeSample(2, 0);
  right.set_confidence(0.75);
  wrong.set_error("no answer");
  const auto outcome = Record(Batch(job, 1, 1, {right, half, wrong}));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->verdict, Verdict::kRecorded);
  EXPECT_THAT(outcome->new_samples, ElementsAre(0, 1, 2));
  EXPECT_EQ(outcome->progress.trial_id, sweep.trials[0].trial().id());
  EXPECT_EQ(outcome->progress.job, v1::STATE_RUNNING);

  const v1::TrialTotals totals = Trial(outcome->progress.trial_id).totals();
  EXPECT_EQ(totals.samples(), 3u);
  EXPECT_EQ(totals.errors(), 1u);
  EXPECT_EQ(totals.score_sum(), 1.5);
  EXPECT_EQ(totals.score_square_sum(), 1.25);
  EXPECT_EQ(totals.correct(), 1u);
  EXPECT_EQ(totals.generated_tokens(), 6u);
  EXPECT_EQ(totals.prompt_tokens(), 30u);
  EXPECT_EQ(totals.entropy_sum(), 1.5);
  EXPECT_EQ(totals.confidence_sum(), 0.75);
  EXPECT_EQ(totals.confidence_count(), 1u);
  EXPECT_EQ(totals.seconds_sum(), 0.375);
  EXPECT_EQ(totals.reused(), 0u);
}

TEST_F(StoreTest, CountsAResentBatchOnce) {
  const uint64_t job = Create({MakeTrial(10)}).jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1).ok());
  const auto first = Batch(job, 1, 1, Samples(0, 4));
  const auto last = Batch(job, 1, 2, Samples(4, 10), kDone);
  ASSERT_TRUE(Record(first).ok());
  EXPECT_EQ(Record(first)->verdict, Verdict::kResent);
  EXPECT_EQ(Record(last)->progress.sweep, v1::STATE_DONE);
  // The acknowledgement got lost although the batch ended the job: it must not look stale.
  const auto again = Record(last);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->verdict, Verdict::kResent);
  EXPECT_EQ(again->progress.job, v1::STATE_DONE);
  EXPECT_THAT(again->new_samples, IsEmpty());
  EXPECT_EQ(Trial(1).totals().samples(), 10u);
}

TEST_F(StoreTest, TakesTheFirstOfTwoWorkersOnOneJob) {
  const uint64_t job = Create({MakeTrial(4)}).jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1, "slow").ok());
  ASSERT_TRUE(Lease(job, 2, "fast").ok());
  ASSERT_TRUE(Record(Batch(job, 1, 1, {MakeSample(0, 0), MakeSample(1, 0)})).ok());
  const auto fast = Record(Batch(job, 2, 1, Samples(0, 4), kDone));
  ASSERT_TRUE(fast.ok());
  EXPECT_THAT(fast->new_samples, ElementsAre(2, 3));
  EXPECT_EQ(fast->progress.job, v1::STATE_DONE);
  EXPECT_EQ(Trial(1).totals().samples(), 4u);
  EXPECT_EQ(Trial(1).totals().score_sum(), 2);
  // The loser's next batch comes too late.
  EXPECT_EQ(Record(Batch(job, 1, 2, Samples(2, 4), kDone))->verdict, Verdict::kStale);
  EXPECT_EQ(Trial(1).totals().samples(), 4u);
  EXPECT_EQ(Trial(1).jobs_done(), 1u);

  const auto loser = Ask([](Reader& reader) { return reader.GetSample(1, 0); });
  EXPECT_EQ(loser.provenance().worker(), "slow name");
  EXPECT_EQ(loser.provenance().epoch(), 1u);
  const auto winner = Ask([](Reader& reader) { return reader.GetSample(1, 3); });
  EXPECT_EQ(winner.provenance().worker(), "fast name");
  EXPECT_EQ(winner.provenance().epoch(), 2u);
}

TEST_F(StoreTest, RefusesAttemptsThatAreNotLive) {
  const uint64_t job = Create({MakeTrial(4)}).jobs[0].job_id;
  EXPECT_EQ(Record(Batch(job, 1, 1, Samples(0, 1)))->verdict, Verdict::kStale);
  EXPECT_EQ(Record(Batch(77, 1, 1, Samples(0, 1)))->verdict, Verdict::kStale);
  ASSERT_TRUE(Lease(job, 1).ok());
  ASSERT_TRUE(Close(job, 1, kCancelled, "the lease ran out").ok());
  EXPECT_EQ(Record(Batch(job, 1, 1, Samples(0, 1)))->verdict, Verdict::kStale);
  EXPECT_EQ(Trial(1).totals().samples(), 0u);
}

TEST_F(StoreTest, RefusesWhatNoWorkerMaySend) {
  const uint64_t job = Create({MakeTrial(20)}).jobs[1].job_id;  // samples [10, 20)
  ASSERT_TRUE(Lease(job, 1).ok());
  v1::SampleResult nan = MakeSample(12);
  nan.set_score(std::numeric_limits<double>::quiet_NaN());
  v1::SampleResult infinite = MakeSample(12);
  infinite.set_mean_entropy(std::numeric_limits<double>::infinity());
  v1::SampleResult metric = MakeSample(12);
  (*metric.mutable_metrics())["ndcg@10"] = std::numeric_limits<double>::quiet_NaN();
  v1::ResultBatch endless = Batch(job, 1, 1, {});
  endless.mutable_end();
  for (const v1::ResultBatch& batch :
       {Batch(job, 1, 2, Samples(10, 11)), Batch(job, 1, 0, Samples(10, 11)),
        Batch(job, 1, 1, Samples(9, 12)), Batch(job, 1, 1, Samples(19, 21)),
        Batch(job, 1, 1, {MakeSample(11), nan}), Batch(job, 1, 1, {infinite}),
        Batch(job, 1, 1, {metric}), endless}) {
    EXPECT_EQ(Record(batch).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(Trial(1).totals().samples(), 0u);
  EXPECT_THAT(AllSamples(1), IsEmpty());
  EXPECT_EQ(Record(Batch(job, 1, 1, Samples(10, 12)))->verdict, Verdict::kRecorded);
}

TEST_F(StoreTest, AJobIsDoneOnlyWithAllItsSamples) {
  const uint64_t job = Create({MakeTrial(4)}).jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1).ok());
  const auto outcome = Record(Batch(job, 1, 1, {MakeSample(0), MakeSample(2)}, kDone));
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome->incomplete);
  EXPECT_EQ(outcome->missing, 2u);
  EXPECT_EQ(outcome->progress.job, v1::STATE_RUNNING);
  // The next attempt need not repeat what is there.
  EXPECT_THAT(Ask([](Reader& reader) {
                return reader.ExistingSamples(1, {0, 4});
              }),
              ElementsAre(0, 2));
  ASSERT_TRUE(Lease(job, 2).ok());
  const auto rest = Record(Batch(job, 2, 1, {MakeSample(1), MakeSample(3)}, kDone));
  EXPECT_FALSE(rest->incomplete);
  EXPECT_EQ(rest->progress.sweep, v1::STATE_DONE);
}

TEST_F(StoreTest, NeverGivesAnEpochTwice) {
  const CreatedSweep sweep = Create({MakeTrial(20)});
  const uint64_t job = sweep.jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 2).ok());
  EXPECT_EQ(Lease(job, 2).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Lease(job, 1).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Lease(99, 1).code(), absl::StatusCode::kFailedPrecondition);
  // One wrong lease refuses the call whole.
  const uint64_t other = sweep.jobs[1].job_id;
  EXPECT_FALSE(WaitFor<absl::Status>([&](auto done) {
                 store_->RecordLeases({{other, 1, {}}, {job, 2, {}}}, done);
               }).ok());
  EXPECT_TRUE(Lease(other, 1).ok());
}

TEST_F(StoreTest, EndsTrialAndSweepWithTheirLastJob) {
  const CreatedSweep sweep = Create({MakeTrial(20), MakeTrial(10, "", 2)});
  RunJob(sweep.jobs[0]);
  now_ += absl::Seconds(1);
  const auto failed = WaitFor<absl::StatusOr<Progress>>(
      [&](auto done) { store_->FinishJob(sweep.jobs[1].job_id, v1::STATE_FAILED, done); });
  EXPECT_EQ(failed->trial, v1::STATE_FAILED);
  EXPECT_EQ(failed->sweep, v1::STATE_RUNNING);
  EXPECT_EQ(Sweep(1).finished_at(), "");
  now_ += absl::Seconds(1);
  RunJob(sweep.jobs[2]);
  const v1::SweepStatus status = Sweep(1);
  EXPECT_EQ(status.state(), v1::STATE_FAILED);
  EXPECT_EQ(status.finished_at(), "2027-01-15T08:00:02.000Z");
  EXPECT_EQ(status.trials_done(), 1u);
  EXPECT_EQ(status.jobs_done(), 2u);
  EXPECT_EQ(status.jobs_failed(), 1u);
  EXPECT_EQ(status.samples_done(), 20u);
  EXPECT_EQ(Trial(2).state(), v1::STATE_DONE);
  // A finished job stays as it is.
  const auto again = WaitFor<absl::StatusOr<Progress>>(
      [&](auto done) { store_->FinishJob(sweep.jobs[0].job_id, v1::STATE_FAILED, done); });
  EXPECT_EQ(again->job, v1::STATE_DONE);
  EXPECT_EQ(Sweep(1).jobs_failed(), 1u);
}

TEST_F(StoreTest, KeepsEveryErrorOfAFailedJob) {
  const uint64_t job = Create({MakeTrial(4)}).jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1, "a").ok());
  ASSERT_TRUE(Record(Batch(job, 1, 1, {}, kFailed, "out of memory")).ok());
  ASSERT_TRUE(Lease(job, 2, "b").ok());
  ASSERT_TRUE(Close(job, 2, kFailed, "killed by SIGSEGV").ok());
  ASSERT_TRUE(Lease(job, 3, "c").ok());
  ASSERT_TRUE(Record(Batch(job, 3, 1, {MakeSample(0)}, kDone)).ok());
  ASSERT_TRUE(WaitFor<absl::StatusOr<Progress>>([&](auto done) {
                store_->FinishJob(job, v1::STATE_FAILED, done);
              }).ok());
  const auto sweep = Ask([](Reader& reader) { return reader.GetSweep(1); });
  ASSERT_EQ(sweep.failures_size(), 1);
  EXPECT_EQ(sweep.failures(0).end(), 4u);
  EXPECT_THAT(sweep.failures(0).errors(),
              ElementsAre("a name: out of memory", "b name: killed by SIGSEGV",
                          HasSubstr("3 of the samples [0, 4) are missing")));
}

TEST_F(StoreTest, CancelsWhatIsNotFinished) {
  const CreatedSweep sweep = Create({MakeTrial(20), MakeTrial(10, "", 2)});
  RunJob(sweep.jobs[2]);
  ASSERT_TRUE(Lease(sweep.jobs[0].job_id, 1).ok());
  const auto status =
      WaitFor<absl::StatusOr<v1::SweepStatus>>([&](auto done) { store_->CancelSweep(1, done); });
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->state(), v1::STATE_CANCELLED);
  EXPECT_EQ(status->jobs_done(), 1u);
  EXPECT_EQ(Trial(1).state(), v1::STATE_CANCELLED);
  EXPECT_EQ(Trial(2).state(), v1::STATE_DONE);
  EXPECT_EQ(Record(Batch(sweep.jobs[0].job_id, 1, 1, Samples(0, 10), kDone))->verdict,
            Verdict::kStale);
  EXPECT_EQ(Lease(sweep.jobs[1].job_id, 1).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(
      WaitFor<absl::StatusOr<v1::SweepStatus>>([&](auto done) { store_->CancelSweep(9, done); })
          .status()
          .code(),
      absl::StatusCode::kNotFound);
}

TEST_F(StoreTest, RetriesFailedAndCancelledJobsWithNewEpochs) {
  const CreatedSweep sweep = Create({MakeTrial(30)});
  RunJob(sweep.jobs[0]);
  const uint64_t failing = sweep.jobs[1].job_id;
  ASSERT_TRUE(Lease(failing, 1).ok());
  ASSERT_TRUE(Record(Batch(failing, 1, 1, {MakeSample(10)}, kFailed, "crashed")).ok());
  ASSERT_TRUE(WaitFor<absl::StatusOr<Progress>>([&](auto done) {
                store_->FinishJob(failing, v1::STATE_FAILED, done);
              }).ok());
  ASSERT_TRUE(WaitFor<absl::StatusOr<v1::SweepStatus>>([&](auto done) {
                store_->CancelSweep(1, done);
              }).ok());
  const auto retried =
      WaitFor<absl::StatusOr<RetriedSweep>>([&](auto done) { store_->RetrySweep(1, done); });
  ASSERT_TRUE(retried.ok()) << retried.status();
  EXPECT_EQ(retried->status.state(), v1::STATE_RUNNING);
  EXPECT_EQ(retried->status.finished_at(), "");
  EXPECT_EQ(retried->status.jobs_failed(), 0u);
  ASSERT_EQ(retried->jobs.size(), 2u);
  EXPECT_EQ(retried->jobs[0].job_id, failing);
  EXPECT_EQ(retried->jobs[0].last_epoch, 1u);
  EXPECT_EQ(retried->jobs[1].last_epoch, 0u);
  // The old failure counts no more.
  const RestartState state = Ask([](Reader& reader) { return reader.LoadForRestart(); });
  EXPECT_THAT(state.failures, IsEmpty());
  EXPECT_EQ(state.jobs.size(), 2u);

  ASSERT_TRUE(Lease(failing, 2).ok());
  ASSERT_TRUE(Record(Batch(failing, 2, 1, Samples(11, 20), kDone)).ok());
  RunJob(sweep.jobs[2]);
  EXPECT_EQ(Sweep(1).state(), v1::STATE_DONE);
  EXPECT_EQ(Sweep(1).samples_done(), 30u);
}

TEST_F(StoreTest, RemembersWhatIsUnfinishedOverARestart) {
  NewSweep heavy;
  heavy.weight = 2.5;
  heavy.priority = 3;
  heavy.trials = {MakeTrial(30)};
  const CreatedSweep sweep = *TryCreate(std::move(heavy));
  const CreatedSweep finished = Create({MakeTrial(10)});
  RunJob(finished.jobs[0]);
  RunJob(sweep.jobs[0]);
  ASSERT_TRUE(Lease(sweep.jobs[1].job_id, 1, "a").ok());
  ASSERT_TRUE(Record(Batch(sweep.jobs[1].job_id, 1, 1, {}, kFailed, "crashed")).ok());
  ASSERT_TRUE(Lease(sweep.jobs[1].job_id, 2, "b").ok());
  ASSERT_TRUE(Lease(sweep.jobs[1].job_id, 3, "c").ok());
  Reopen();
  const RestartState state = Ask([](Reader& reader) { return reader.LoadForRestart(); });
  ASSERT_EQ(state.sweeps.size(), 1u);
  EXPECT_EQ(state.sweeps[0].status.id(), sweep.status.id());
  EXPECT_EQ(state.sweeps[0].weight, 2.5);
  EXPECT_EQ(state.sweeps[0].priority, 3);
  EXPECT_EQ(state.sweeps[0].trials.size(), 1u);
  ASSERT_EQ(state.jobs.size(), 2u);
  EXPECT_EQ(state.jobs[0].job_id, sweep.jobs[1].job_id);
  EXPECT_EQ(state.jobs[0].last_epoch, 3u);
  EXPECT_EQ(state.jobs[0].samples.begin, 10u);
  EXPECT_EQ(state.jobs[1].last_epoch, 0u);
  ASSERT_EQ(state.open_leases.size(), 2u);
  EXPECT_EQ(state.open_leases[0].worker_id, "b");
  EXPECT_EQ(state.open_leases[1].epoch, 3u);
  ASSERT_EQ(state.failures.size(), 1u);
  EXPECT_EQ(state.failures[0].worker_id, "a");
  EXPECT_EQ(state.failures[0].error, "crashed");
  // A lease that was open goes on where it was.
  EXPECT_EQ(Record(Batch(sweep.jobs[1].job_id, 2, 1, Samples(10, 20), kDone))->progress.job,
            v1::STATE_DONE);
}

TEST_F(StoreTest, ReadsBackASampleWhole) {
  const uint64_t job = Create({MakeTrial(4)}).jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1).ok());
  v1::SampleResult sample = MakeSample(2, 0.375);
  sample.set_confidence(0.0);
  sample.set_mean_logprob(-std::numeric_limits<double>::infinity());
  sample.set_answer(std::string("a\0b \xc3\xa9", 6));
  sample.set_error("cut off");
  (*sample.mutable_metrics())["ndcg@10"] = 0.1;
  (*sample.mutable_metrics())["a \"quoted\" name"] = -2.5e-300;
  sample.mutable_payload()->set_prompt("Q: 1 + 1?");
  v1::Branch* branch = sample.mutable_payload()->add_branches();
  branch->set_text("2");
  branch->mutable_tokens()->add_entropy(0.25);
  ASSERT_TRUE(Record(Batch(job, 1, 1, {sample})).ok());

  const auto reply = Ask([](Reader& reader) { return reader.GetSample(1, 2); });
  EXPECT_EQ(reply.sample().SerializeAsString().size(), sample.SerializeAsString().size());
  EXPECT_EQ(reply.sample().DebugString(), sample.DebugString());
  EXPECT_EQ(reply.provenance().worker(), "w1 name");
  EXPECT_EQ(reply.provenance().host(), "host");
  EXPECT_EQ(reply.provenance().build(), "build");
  EXPECT_EQ(reply.provenance().job_id(), job);
  EXPECT_EQ(reply.provenance().recorded_at(), "2027-01-15T08:00:00.000Z");
  EXPECT_EQ(reply.provenance().reused_from_trial(), 0u);
  EXPECT_FALSE(AllSamples(1)[0].has_payload());
  EXPECT_EQ(ReadNow(*store_, [](Reader& reader) { return reader.GetSample(1, 3); }).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(StoreTest, KeepsOfThePayloadWhatTheTrialWants) {
  const uint64_t job = Create({MakeTrial(4)}).jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1).ok());
  const auto with_payload = [](uint64_t id) {
    v1::SampleResult sample = MakeSample(id);
    sample.mutable_payload()->set_question("?");
    sample.mutable_payload()->add_branches()->set_text("text");
    sample.mutable_payload()->mutable_branches(0)->mutable_tokens()->add_entropy(1);
    return sample;
  };
  ASSERT_TRUE(Record(Batch(job, 1, 1, {with_payload(0)}), v1::KEEP_ALL).ok());
  ASSERT_TRUE(Record(Batch(job, 1, 2, {with_payload(1)}), v1::KEEP_TEXT).ok());
  ASSERT_TRUE(Record(Batch(job, 1, 3, {with_payload(2)}), v1::KEEP_NUMBERS).ok());
  const auto payload = [&](uint64_t id) {
    return Ask([&](Reader& reader) { return reader.GetSample(1, id); }).sample().payload();
  };
  EXPECT_EQ(payload(0).branches(0).tokens().entropy_size(), 1);
  EXPECT_EQ(payload(1).branches(0).text(), "text");
  EXPECT_FALSE(payload(1).branches(0).has_tokens());
  EXPECT_EQ(payload(2).ByteSizeLong(), 0u);
}

TEST_F(StoreTest, ListsSamplesByPageAndWrongOnesAlone) {
  const uint64_t job = Create({MakeTrial(10)}).jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1).ok());
  std::vector<v1::SampleResult> samples;
  for (uint64_t id = 0; id < 10; ++id) samples.push_back(MakeSample(id, id % 3 == 0 ? 0 : 1));
  ASSERT_TRUE(Record(Batch(job, 1, 1, samples, kDone)).ok());
  const auto ids = [&](v1::ListSamplesRequest request) {
    request.set_trial_id(1);
    std::vector<uint64_t> found;
    const auto reply = Ask([&](Reader& reader) { return reader.ListSamples(request); });
    for (const auto& sample : reply.samples()) found.push_back(sample.sample_id());
    return found;
  };
  v1::ListSamplesRequest request;
  request.set_limit(3);
  EXPECT_THAT(ids(request), ElementsAre(0, 1, 2));
  request.set_paged(true);
  EXPECT_THAT(ids(request), ElementsAre(1, 2, 3));  // after 0
  request.set_after(8);
  EXPECT_THAT(ids(request), ElementsAre(9));
  request.set_after(0);
  request.set_wrong_only(true);
  EXPECT_THAT(ids(request), ElementsAre(3, 6, 9));
}

TEST_F(StoreTest, ExportsASweepByPages) {
  const CreatedSweep sweep = Create({MakeTrial(15), MakeTrial(10, "", 2)});
  for (const JobRecord& job : sweep.jobs) RunJob(job);
  Create({MakeTrial(5)});
  for (const uint32_t page_size : {1u, 7u, 100u}) {
    ExportCursor cursor;
    std::vector<std::pair<uint64_t, uint64_t>> exported;
    for (;;) {
      const auto page =
          Ask([&](Reader& reader) { return reader.Export(1, true, page_size, &cursor); });
      EXPECT_LE(page.size(), page_size);
      if (page.empty()) break;
      for (const v1::ExportRow& row : page) {
        exported.emplace_back(row.trial().id(), row.sample().sample_id());
        EXPECT_EQ(row.provenance().worker(), "w1 name");
      }
    }
    std::vector<std::pair<uint64_t, uint64_t>> all;
    for (uint64_t id = 0; id < 15; ++id) all.emplace_back(1, id);
    for (uint64_t id = 0; id < 10; ++id) all.emplace_back(2, id);
    EXPECT_EQ(exported, all);
  }
}

TEST_F(StoreTest, KeepsThePointsOfATrialOnce) {
  const uint64_t job = Create({MakeTrial(4)}).jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1).ok());
  ASSERT_TRUE(Lease(job, 2).ok());
  v1::ResultBatch batch = Batch(job, 1, 1, {});
  for (uint64_t step : {3, 1}) {
    v1::Point* point = batch.add_points();
    point->set_series("accuracy");
    point->set_step(step);
    point->set_value(static_cast<double>(step) / 4);
  }
  ASSERT_TRUE(Record(batch).ok());
  batch.mutable_attempt()->set_epoch(2);
  batch.mutable_points(0)->set_value(9);
  ASSERT_TRUE(Record(batch).ok());
  v1::ListPointsRequest request;
  request.set_trial_id(1);
  const auto all = Ask([&](Reader& reader) { return reader.ListPoints(request); });
  ASSERT_EQ(all.series_size(), 1);
  EXPECT_EQ(all.series(0).name(), "accuracy");
  EXPECT_THAT(all.series(0).step(), testing::ElementsAre(1, 3));
  EXPECT_THAT(all.series(0).value(), testing::ElementsAre(0.25, 0.75));
  request.add_series("accuracy");
  request.set_after(true);
  request.set_after_step(1);
  const auto later = Ask([&](Reader& reader) { return reader.ListPoints(request); });
  EXPECT_THAT(later.series(0).step(), testing::ElementsAre(3));
}

TEST_F(StoreTest, WhatIsSaidOfAWholeTrialIsNoCurve) {
  const uint64_t job = Create({MakeTrial(4)}).jobs[0].job_id;
  ASSERT_TRUE(Lease(job, 1).ok());
  v1::ResultBatch batch = Batch(job, 1, 1, {});
  const auto add = [&](const std::string& series, double value) {
    v1::Point* point = batch.add_points();
    point->set_series(series);
    point->set_value(value);
  };
  add("zebra", 1);
  add("online error", 0.5);
  add(SummarySeries("error/fog"), 0.25);
  add(SummarySeries("mean corruption error"), 0.125);
  ASSERT_TRUE(Record(batch).ok());
  EXPECT_THAT(Ask([](Reader& reader) { return reader.SeriesNames(1); }),
              testing::ElementsAre("online error", "zebra"));
  EXPECT_THAT(Ask([](Reader& reader) { return reader.Summaries(1); }),
              testing::ElementsAre(testing::Pair("error/fog", 0.25),
                                   testing::Pair("mean corruption error", 0.125)));
  v1::ListPointsRequest request;
  request.set_trial_id(1);
  EXPECT_EQ(Ask([&](Reader& reader) { return reader.ListPoints(request); }).series_size(), 2);
}

TEST_F(StoreTest, ATrialThatStartsOverHasNothingOfEarlierAttempts) {
  const CreatedSweep sweep = Create({MakeTrial(10), MakeTrial(10, "", 2)});
  const auto lease = [&](size_t job, uint32_t epoch) {
    return WaitFor<absl::Status>([&](auto done) {
      store_->RecordLeases(
          {{sweep.jobs[job].job_id, epoch, {"w1", "name", "host", "build"}, /*starts_over=*/true}},
          done);
    });
  };
  for (const size_t job : {0, 1}) {
    ASSERT_TRUE(lease(job, 1).ok());
    std::vector<v1::SampleResult> samples = Samples(0, 6);
    samples[0].set_confidence(0.5);
    samples[1].set_error("timeout");
    samples[2].mutable_payload()->set_prompt("Q?");
    v1::ResultBatch batch = Batch(sweep.jobs[job].job_id, 1, 1, samples);
    batch.add_points()->set_series("online error");
    ASSERT_TRUE(Record(batch).ok());
  }
  const v1::TrialTotals other = Trial(2).totals();
  ASSERT_TRUE(
      Close(sweep.jobs[0].job_id, 1, v1::AttemptEnd::OUTCOME_FAILED, "the worker is gone").ok());
  ASSERT_TRUE(lease(0, 2).ok());
  EXPECT_EQ(Trial(1).totals().SerializeAsString(), "");
  EXPECT_TRUE(Ask([](Reader& reader) { return reader.ExistingSamples(1, {0, 10}); }).empty());
  EXPECT_TRUE(Ask([](Reader& reader) { return reader.SeriesNames(1); }).empty());
  // The other trial's stay, and the new attempt's count once.
  EXPECT_EQ(Trial(2).totals().SerializeAsString(), other.SerializeAsString());
  EXPECT_EQ(Ask([](Reader& reader) { return reader.GetSample(2, 2); }).sample().payload().prompt(),
            "Q?");
  ASSERT_TRUE(
      Record(Batch(sweep.jobs[0].job_id, 2, 1, Samples(0, 10), v1::AttemptEnd::OUTCOME_DONE)).ok());
  EXPECT_EQ(Trial(1).totals().samples(), 10u);
  EXPECT_EQ(Trial(1).totals().score_sum(), 10);
  EXPECT_EQ(Trial(1).state(), v1::STATE_DONE);
}

TEST_F(StoreTest, KeepsTheUnionOfWhatWorkersBring) {
  v1::Hello hello;
  hello.set_worker_id("id-1");
  hello.set_name("gpu-box");
  hello.mutable_inventory()->set_cores(8);
  v1::MethodInfo* method = hello.mutable_catalog()->add_methods();
  method->set_id("top-h");
  method->set_version("1");
  hello.mutable_catalog()->add_suites()->set_id("arith");
  const auto say_hello = [&] {
    return WaitFor<absl::Status>([&](auto done) { store_->RecordHello(hello, done); });
  };
  ASSERT_TRUE(say_hello().ok());
  hello.set_worker_id("id-2");
  method->set_version("2");
  ASSERT_TRUE(say_hello().ok());
  now_ += absl::Hours(1);
  hello.set_name("renamed");
  method->set_title("better");
  ASSERT_TRUE(say_hello().ok());
  v1::SuiteInfo gsm8k;
  gsm8k.set_id("gsm8k");
  gsm8k.set_samples(1319);
  ASSERT_TRUE(WaitFor<absl::Status>([&](auto done) { store_->PutSuite(gsm8k, done); }).ok());
  v1::ModelInfo model;
  model.set_name("tiny");
  ASSERT_TRUE(WaitFor<absl::Status>([&](auto done) { store_->PutModel(model, done); }).ok());
  Reopen();
  const Catalogue all = Ask([](Reader& reader) { return reader.LoadCatalogue(); });
  ASSERT_EQ(all.methods.size(), 2u);
  EXPECT_EQ(all.methods[0].version(), "1");
  EXPECT_EQ(all.methods[1].title(), "better");
  ASSERT_EQ(all.suites.size(), 1u);
  ASSERT_EQ(all.registered.size(), 1u);
  EXPECT_EQ(all.registered[0].samples(), 1319u);
  ASSERT_EQ(all.models.size(), 1u);
  EXPECT_EQ(all.models[0].added_at(), "2027-01-15T09:00:00.000Z");
  const auto workers = Ask([](Reader& reader) { return reader.ListWorkers(); });
  ASSERT_EQ(workers.size(), 2u);
  EXPECT_EQ(workers[0].name(), "gpu-box");
  EXPECT_EQ(workers[0].inventory().cores(), 8u);
  EXPECT_EQ(workers[1].name(), "renamed");
  EXPECT_EQ(workers[1].last_seen(), "2027-01-15T09:00:00.000Z");
  EXPECT_EQ(workers[1].methods(), 1u);
}

TEST_F(StoreTest, AReaderSeesWhatWasAcknowledgedAndKeepsItsSnapshot) {
  const CreatedSweep sweep = Create({MakeTrial(10)});
  ASSERT_TRUE(Lease(sweep.jobs[0].job_id, 1).ok());
  const auto counts =
      ReadNow(*store_, [&](Reader& reader) -> absl::StatusOr<std::vector<uint64_t>> {
        const uint64_t before = reader.CountSamples().value();
        // The writer goes on while this snapshot is held.
        EXPECT_TRUE(Record(Batch(sweep.jobs[0].job_id, 1, 1, Samples(0, 5))).ok());
        return std::vector<uint64_t>{before, reader.CountSamples().value()};
      });
  EXPECT_THAT(*counts, ElementsAre(0, 0));
  EXPECT_EQ(Ask([](Reader& reader) { return reader.CountSamples(); }), 5u);
}

TEST_F(StoreTest, ASecondCoordinatorIsRefusedByName) {
  const auto second = Store::Open(options());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(second.status().message(), HasSubstr(absl::StrCat("process ", getpid())));
  EXPECT_THAT(second.status().message(), HasSubstr(folder_.path()));
  store_.reset();
  EXPECT_TRUE(Store::Open(options()).ok());
}

TEST_F(StoreTest, AFullDiskAcknowledgesNothingAndLosesNothing) {
  const CreatedSweep sweep = Create({MakeTrial(100'000)});
  store_.reset();
  Store::Options small = options();
  small.max_database_pages = 1000;  // what is there takes fewer, one more batch of 10 fits
  auto store = Store::Open(small);
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
  uint64_t acknowledged = 0;
  absl::Status refused;
  for (size_t i = 0; i < sweep.jobs.size() && refused.ok(); ++i) {
    const JobRecord& job = sweep.jobs[i];
    refused = Lease(job.job_id, 1);
    if (!refused.ok()) break;
    std::vector<v1::SampleResult> samples = Samples(job.samples.begin, job.samples.end);
    for (v1::SampleResult& sample : samples) sample.set_answer(std::string(3000, 'x'));
    const auto outcome = Record(Batch(job.job_id, 1, 1, samples, kDone));
    refused = outcome.status();
    if (outcome.ok()) acknowledged += outcome->new_samples.size();
  }
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  EXPECT_GT(acknowledged, 100u);
  EXPECT_EQ(AllSamples(1).size(), acknowledged);
  EXPECT_EQ(Trial(1).totals().samples(), acknowledged);
  // With room again the refused batch goes through.
  Reopen();
  const JobRecord& next = sweep.jobs[acknowledged / 10];
  const uint32_t epoch = Lease(next.job_id, 1).ok() ? 1 : 2;
  if (epoch == 2) {
    ASSERT_TRUE(Lease(next.job_id, 2).ok());
  }
  EXPECT_TRUE(
      Record(Batch(next.job_id, epoch, 1, Samples(next.samples.begin, next.samples.end), kDone))
          .ok());
  EXPECT_EQ(Trial(1).totals().samples(), acknowledged + 10);
}

}  // namespace
}  // namespace entrobench
