// kill -9 at any moment: what was acknowledged is there, nothing is there twice, and the counts are
// right.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "common/random.h"
#include "tests/coordinator/store/store_fixture.h"

namespace entrobench {
namespace {

constexpr uint64_t kSamplesPerJob = 20;
constexpr uint64_t kJobs = 400;
constexpr uint64_t kSamplesPerBatch = 5;

// The child's acknowledgement of one batch, over the pipe: the ids of its first and last sample.
struct Acknowledged {
  uint64_t first = 0;
  uint64_t last = 0;
};

// Runs jobs, every batch sent twice, many in flight, until it is killed. Reports each
// acknowledgement.
[[noreturn]] void RunJobsUntilKilled(Store::Options options, int pipe) {
  auto store = Store::Open(std::move(options));
  if (!store.ok()) _exit(3);
  const auto state = ReadNow(**store, [](Reader& reader) { return reader.LoadForRestart(); });
  if (!state.ok()) _exit(4);
  for (const JobRecord& job : state->jobs) {
    const uint32_t epoch = job.last_epoch + 1;
    (*store)->RecordLeases({{job.job_id, epoch, {"w", "w", "h", "b"}}}, [](const absl::Status&) {});
    uint64_t sequence = 0;
    for (uint64_t first = job.samples.begin; first < job.samples.end; first += kSamplesPerBatch) {
      v1::ResultBatch batch;
      batch.mutable_attempt()->set_job_id(job.job_id);
      batch.mutable_attempt()->set_epoch(epoch);
      batch.set_sequence(++sequence);
      for (uint64_t id = first; id < first + kSamplesPerBatch; ++id) {
        *batch.add_samples() = MakeSample(id);
        batch.mutable_samples(batch.samples_size() - 1)->mutable_payload()->set_prompt("Q?");
      }
      const Acknowledged note = {first, first + kSamplesPerBatch - 1};
      if (note.last + 1 == job.samples.end) {
        batch.mutable_end()->set_outcome(v1::AttemptEnd::OUTCOME_DONE);
      }
      for (int times = 0; times < 2; ++times) {
        (*store)->RecordBatch(batch, v1::KEEP_ALL, [note, pipe](absl::StatusOr<BatchOutcome> done) {
          if (!done.ok() || done->verdict == BatchOutcome::Verdict::kStale) _exit(5);
          if (write(pipe, &note, sizeof note) != sizeof note) _exit(6);
        });
      }
    }
  }
  for (;;) pause();
}

class CrashTest : public StoreTest, public testing::WithParamInterface<uint64_t> {};

TEST_P(CrashTest, NothingAcknowledgedIsLostOrDoubled) {
  NewSweep sweep;
  sweep.trials = {MakeTrial(kJobs * kSamplesPerJob)};
  sweep.cut_jobs = SlicesOf(kSamplesPerJob);
  ASSERT_TRUE(TryCreate(std::move(sweep)).ok());
  Random random(GetParam(), 0);
  std::set<uint64_t> acknowledged;
  for (int crash = 0; crash < 4; ++crash) {
    store_.reset();
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) RunJobsUntilKilled(options(), ends[1]);
    close(ends[1]);
    uint64_t left = 1 + random.Below(150);
    for (Acknowledged note; read(ends[0], &note, sizeof note) == sizeof note;) {
      for (uint64_t id = note.first; id <= note.last; ++id) acknowledged.insert(id);
      if (left > 0 && --left == 0) kill(child, SIGKILL);
    }
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);

    Reopen();
    std::set<uint64_t> stored;
    for (const v1::SampleResult& sample : AllSamples(1)) {
      EXPECT_TRUE(stored.insert(sample.sample_id()).second);
    }
    for (const uint64_t id : acknowledged) {
      EXPECT_TRUE(stored.contains(id)) << "sample " << id << " was acknowledged and is lost";
    }
    const v1::TrialStatus trial = Trial(1);
    EXPECT_EQ(trial.totals().samples(), stored.size());
    EXPECT_EQ(trial.totals().score_sum(), static_cast<double>(stored.size()));
    // A job is done just when all its samples are there with the end that came with the last.
    uint64_t whole = 0;
    for (uint64_t job = 0; job < kJobs; ++job) {
      whole += stored.contains((job + 1) * kSamplesPerJob - 1);
    }
    EXPECT_EQ(trial.jobs_done(), whole);
    if (!stored.empty()) {
      const uint64_t id = *stored.rbegin();
      EXPECT_EQ(
          Ask([&](Reader& reader) { return reader.GetSample(1, id); }).sample().payload().prompt(),
          "Q?");
    }
  }
  EXPECT_FALSE(acknowledged.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, CrashTest, testing::Range<uint64_t>(1, 4));

}  // namespace
}  // namespace entrobench
