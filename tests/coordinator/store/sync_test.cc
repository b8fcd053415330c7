// What is acknowledged is on the disk, and many writes share one sync. This program's fsync and
// fdatasync stand in front of the C library's, so it sees every sync and can make them fail.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <future>

#include "gmock/gmock.h"
#include "tests/coordinator/store/store_fixture.h"

namespace {
std::atomic<int> syncs{0};
std::atomic<bool> disk_fails{false};

int Sync(long call, int fd) {
  ++syncs;
  if (disk_fails) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(syscall(call, fd));
}
}  // namespace

extern "C" int fsync(int fd) { return Sync(SYS_fsync, fd); }
extern "C" int fdatasync(int fd) { return Sync(SYS_fdatasync, fd); }

namespace entrobench {
namespace {

using SyncTest = StoreTest;

TEST_F(SyncTest, AWriteIsAnsweredAfterASync) {
  const CreatedSweep sweep = Create({MakeTrial(100)});
  for (const JobRecord& job : sweep.jobs) {
    ASSERT_TRUE(Lease(job.job_id, 1).ok());
    const int before = syncs;
    ASSERT_TRUE(Record(Batch(job.job_id, 1, 1, Samples(job.samples.begin, job.samples.end))).ok());
    EXPECT_GT(syncs, before);
  }
}

TEST_F(SyncTest, ManyWritesShareOneSync) {
  const CreatedSweep sweep = Create({MakeTrial(1000)});
  // While the writer waits in an answer, the other writes gather behind it.
  std::promise<void> reached, go_on;
  store_->RecordLeases({{sweep.jobs[0].job_id, 1, {}}}, [&](const absl::Status&) {
    reached.set_value();
    go_on.get_future().wait();
  });
  reached.get_future().wait();
  std::atomic<int> good{0};
  for (uint32_t epoch = 2; epoch <= 101; ++epoch) {
    store_->RecordLeases({{sweep.jobs[0].job_id, epoch, {}}},
                         [&](const absl::Status& status) { good += status.ok(); });
  }
  const int before = syncs;
  go_on.set_value();
  ASSERT_TRUE(Lease(sweep.jobs[1].job_id, 1).ok());  // answered after all of them
  EXPECT_EQ(good, 100);
  EXPECT_LE(syncs - before, 2);
}

TEST_F(SyncTest, AWrongWriteFailsAloneInItsGroup) {
  const CreatedSweep sweep = Create({MakeTrial(30)});
  std::promise<void> reached, go_on;
  store_->RecordLeases({{sweep.jobs[0].job_id, 1, {}}}, [&](const absl::Status&) {
    reached.set_value();
    go_on.get_future().wait();
  });
  reached.get_future().wait();
  std::vector<absl::StatusCode> answers;
  const auto note = [&](const absl::Status& status) { answers.push_back(status.code()); };
  store_->RecordLeases({{sweep.jobs[1].job_id, 1, {}}}, note);
  store_->RecordLeases({{sweep.jobs[2].job_id, 1, {}}, {sweep.jobs[1].job_id, 1, {}}}, note);
  store_->RecordLeases({{sweep.jobs[2].job_id, 1, {}}}, note);
  go_on.set_value();
  ASSERT_TRUE(Lease(sweep.jobs[0].job_id, 2).ok());
  EXPECT_THAT(answers,
              testing::ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kFailedPrecondition,
                                   absl::StatusCode::kOk));
  EXPECT_EQ(Ask([](Reader& reader) { return reader.LoadForRestart(); }).open_leases.size(), 4u);
}

TEST_F(SyncTest, AFailedSyncAcknowledgesNothing) {
  const CreatedSweep sweep = Create({MakeTrial(20)});
  ASSERT_TRUE(Lease(sweep.jobs[0].job_id, 1).ok());
  const v1::ResultBatch batch = Batch(sweep.jobs[0].job_id, 1, 1, Samples(0, 10));
  disk_fails = true;
  const auto refused = Record(batch);
  disk_fails = false;
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable) << refused.status();
  EXPECT_EQ(Trial(1).totals().samples(), 0u);
  // The worker sends it again, as it does with what was not acknowledged.
  const auto again = Record(batch);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->verdict, BatchOutcome::Verdict::kRecorded);
  EXPECT_EQ(Trial(1).totals().samples(), 10u);
}

}  // namespace
}  // namespace entrobench
