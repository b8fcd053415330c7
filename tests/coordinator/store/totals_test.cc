// Whatever happens in whatever order, the counts are those of a recount from scratch.
#include <map>

#include "common/random.h"
#include "tests/coordinator/store/store_fixture.h"

namespace entrobench {
namespace {

class RandomOperations : public StoreTest, public testing::WithParamInterface<uint64_t> {
 protected:
  struct Attempt {
    uint64_t job = 0;
    uint32_t epoch = 0;
    SampleRange range;
    uint64_t sequence = 0;
    v1::ResultBatch last;
  };

  void CreateRandom() {
    std::vector<v1::Trial> trials;
    for (uint64_t i = 0; i < 1 + random_.Below(3); ++i) {
      const uint64_t cell = random_.Below(4);
      v1::Trial trial = MakeTrial(5 + random_.Below(30), cell == 0 ? "" : absl::StrCat(cell));
      trials.push_back(trial);
    }
    const CreatedSweep sweep = Create(trials, random_.Below(4) == 0);
    jobs_.insert(jobs_.end(), sweep.jobs.begin(), sweep.jobs.end());
    for (const auto& trial : sweep.trials) trials_.push_back(trial.trial().id());
    sweeps_.push_back(sweep.status.id());
  }

  void LeaseRandom() {
    JobRecord& job = jobs_[random_.Below(jobs_.size())];
    if (Lease(job.job_id, job.last_epoch + 1, absl::StrCat("w", random_.Below(3))).ok()) {
      ++job.last_epoch;
      Attempt& attempt = attempts_.emplace_back();
      attempt.job = job.job_id;
      attempt.epoch = job.last_epoch;
      attempt.range = job.samples;
    }
  }

  void SendRandom() {
    Attempt& attempt = attempts_[random_.Below(attempts_.size())];
    v1::AttemptEnd::Outcome end = v1::AttemptEnd::OUTCOME_UNSPECIFIED;
    if (random_.Below(4) == 0) end = v1::AttemptEnd::OUTCOME_DONE;
    if (random_.Below(12) == 0) end = v1::AttemptEnd::OUTCOME_FAILED;
    std::vector<v1::SampleResult> samples;
    for (uint64_t id = attempt.range.begin; id < attempt.range.end; ++id) {
      if (random_.Below(3) == 0 && end != v1::AttemptEnd::OUTCOME_DONE) continue;
      v1::SampleResult sample = MakeSample(id, static_cast<double>(random_.Below(5)) / 4);
      sample.set_mean_entropy(static_cast<double>(random_.Below(64)) / 16);
      if (random_.Below(2) == 0) sample.set_confidence(static_cast<double>(random_.Below(9)) / 8);
      if (random_.Below(8) == 0) sample.set_error("failed");
      if (random_.Below(2) == 0) sample.mutable_payload()->set_prompt("prompt");
      samples.push_back(sample);
    }
    attempt.last = Batch(attempt.job, attempt.epoch, attempt.sequence + 1, samples, end);
    const auto outcome = Record(attempt.last);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    if (outcome->verdict == BatchOutcome::Verdict::kRecorded) ++attempt.sequence;
  }

  void ResendRandom() {
    const Attempt& attempt = attempts_[random_.Below(attempts_.size())];
    if (!attempt.last.has_attempt()) return;
    const auto outcome = Record(attempt.last);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_NE(outcome->verdict, BatchOutcome::Verdict::kRecorded);
  }

  void FinishRandom() {
    const JobRecord& job = jobs_[random_.Below(jobs_.size())];
    const v1::State state = random_.Below(2) == 0 ? v1::STATE_FAILED : v1::STATE_CANCELLED;
    EXPECT_TRUE(WaitFor<absl::StatusOr<Progress>>([&](auto done) {
                  store_->FinishJob(job.job_id, state, done);
                }).ok());
  }

  void CancelRandom() {
    const uint64_t sweep = sweeps_[random_.Below(sweeps_.size())];
    EXPECT_TRUE(WaitFor<absl::StatusOr<v1::SweepStatus>>([&](auto done) {
                  store_->CancelSweep(sweep, done);
                }).ok());
  }

  void RetryRandom() {
    const uint64_t sweep = sweeps_[random_.Below(sweeps_.size())];
    EXPECT_TRUE(WaitFor<absl::StatusOr<RetriedSweep>>([&](auto done) {
                  store_->RetrySweep(sweep, done);
                }).ok());
  }

  void ExpectTotalsOf(uint64_t trial_id) {
    v1::TrialTotals recount;
    for (const v1::SampleResult& sample : AllSamples(trial_id)) {
      recount.set_samples(recount.samples() + 1);
      recount.set_errors(recount.errors() + !sample.error().empty());
      recount.set_score_sum(recount.score_sum() + sample.score());
      recount.set_score_square_sum(recount.score_square_sum() + sample.score() * sample.score());
      recount.set_correct(recount.correct() + (sample.score() >= 1));
      recount.set_generated_tokens(recount.generated_tokens() + sample.generated_tokens());
      recount.set_prompt_tokens(recount.prompt_tokens() + sample.prompt_tokens());
      recount.set_entropy_sum(recount.entropy_sum() + sample.mean_entropy());
      recount.set_confidence_sum(recount.confidence_sum() + sample.confidence());
      recount.set_confidence_count(recount.confidence_count() + sample.has_confidence());
      recount.set_seconds_sum(recount.seconds_sum() + sample.seconds());
    }
    v1::TrialTotals totals = Trial(trial_id).totals();
    EXPECT_LE(totals.reused(), totals.samples());
    totals.clear_reused();
    EXPECT_EQ(totals.DebugString(), recount.DebugString()) << "trial " << trial_id;
  }

  // The sweep's counts, from its trials and the jobs' own states.
  void ExpectStatesOf(uint64_t sweep_id) {
    const auto sweep = Ask([&](Reader& reader) { return reader.GetSweep(sweep_id); });
    uint64_t running = 0, failed_jobs = 0, samples = 0;
    for (const v1::TrialStatus& trial : sweep.trials()) {
      running += trial.state() == v1::STATE_RUNNING;
      failed_jobs += trial.jobs_failed();
      samples += trial.totals().samples();
      EXPECT_LE(trial.jobs_done() + trial.jobs_failed(), trial.jobs());
      if (trial.state() == v1::STATE_DONE) {
        EXPECT_EQ(trial.jobs_done(), trial.jobs());
        EXPECT_EQ(trial.totals().samples(), trial.trial().samples());
      }
    }
    EXPECT_EQ(sweep.status().state() == v1::STATE_RUNNING, running > 0);
    EXPECT_EQ(sweep.status().finished_at().empty(), running > 0);
    EXPECT_EQ(static_cast<uint64_t>(sweep.failures_size()), failed_jobs);
    EXPECT_EQ(sweep.status().samples_done(), samples);
  }

  Random random_{GetParam(), 0};
  std::vector<JobRecord> jobs_;
  std::vector<Attempt> attempts_;
  std::vector<uint64_t> trials_;
  std::vector<uint64_t> sweeps_;
};

TEST_P(RandomOperations, TotalsEqualARecount) {
  CreateRandom();
  while (jobs_.empty()) CreateRandom();
  LeaseRandom();
  for (int step = 0; step < 250; ++step) {
    const uint64_t what = random_.Below(100);
    if (what < 6) {
      CreateRandom();
    } else if (what < 35) {
      LeaseRandom();
    } else if (what < 70 && !attempts_.empty()) {
      SendRandom();
    } else if (what < 85 && !attempts_.empty()) {
      ResendRandom();
    } else if (what < 92) {
      FinishRandom();
    } else if (what < 94) {
      CancelRandom();
    } else if (what < 98) {
      RetryRandom();
    } else {
      Reopen();
    }
    if (HasFatalFailure()) return;
  }
  for (const uint64_t trial : trials_) ExpectTotalsOf(trial);
  for (const uint64_t sweep : sweeps_) ExpectStatesOf(sweep);
  // What a restart would run is just what is not finished.
  const RestartState state = Ask([](Reader& reader) { return reader.LoadForRestart(); });
  uint64_t unfinished = 0;
  for (const uint64_t trial : trials_) {
    const v1::TrialStatus status = Trial(trial);
    if (status.state() != v1::STATE_RUNNING) continue;
    uint64_t jobs = 0;
    for (const JobRecord& job : state.jobs) jobs += job.trial_id == trial;
    EXPECT_GT(jobs, 0u);
    unfinished += jobs;
  }
  EXPECT_EQ(unfinished, state.jobs.size());
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomOperations, testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace entrobench
