// One test a rule. Times are seconds since an arbitrary start.
#include "coordinator/scheduler/scheduler.h"

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kGiB = 1ull << 30;

template <typename T>
std::vector<T> Only(const Decisions& decisions) {
  std::vector<T> result;
  for (const Decision& decision : decisions) {
    if (const T* one = std::get_if<T>(&decision)) result.push_back(*one);
  }
  return result;
}

// "lease 1/1 a", "revoke 1/1 a", "job 1 failed", "sweep 1 done": compact enough to compare.
std::vector<std::string> Text(const Decisions& decisions) {
  const auto state = [](EndState s) {
    return s == EndState::kDone ? "done" : s == EndState::kFailed ? "failed" : "cancelled";
  };
  std::vector<std::string> lines;
  for (const Decision& decision : decisions) {
    if (const auto* lease = std::get_if<Lease>(&decision)) {
      lines.push_back(absl::StrCat(lease->backup ? "backup " : "lease ", lease->job, "/",
                                   lease->epoch, " ", lease->worker));
    } else if (const auto* revoke = std::get_if<Revoke>(&decision)) {
      lines.push_back(
          absl::StrCat("revoke ", revoke->job, "/", revoke->epoch, " ", revoke->worker));
    } else if (const auto* job = std::get_if<JobEnded>(&decision)) {
      lines.push_back(absl::StrCat("job ", job->job, " ", state(job->state)));
    } else if (const auto* sweep = std::get_if<SweepEnded>(&decision)) {
      lines.push_back(absl::StrCat("sweep ", sweep->sweep, " ", state(sweep->state)));
    }
  }
  return lines;
}

class SchedulerTest : public ::testing::Test {
 protected:
  static absl::Time At(double seconds) {
    return absl::FromUnixSeconds(1'000'000) + absl::Seconds(seconds);
  }

  // A sweep of one trial with jobs first_job, first_job + 1, ... of 50 samples each.
  Decisions Sweep(SweepId id, JobId first_job, int jobs, TrialSpec trial = {}, SweepSpec sweep = {},
                  double at = 0) {
    sweep.id = id;
    trial.sweep = id;
    if (trial.id == 0) trial.id = id;
    scheduler_.AddSweep(sweep);
    scheduler_.AddTrial(trial);
    for (int i = 0; i < jobs; ++i) {
      scheduler_.AddJob({.id = first_job + static_cast<JobId>(i),
                         .trial = trial.id,
                         .begin = static_cast<uint64_t>(i) * 50,
                         .end = static_cast<uint64_t>(i) * 50 + 50});
    }
    return scheduler_.StartSweep(id, At(at));
  }

  static WorkerSpec Host(std::string id, uint32_t cores = 1) {
    return {.id = std::move(id), .capacity = {.cores = cores, .memory_bytes = 16 * kGiB}};
  }
  Decisions Connect(const WorkerSpec& worker, double at = 0) {
    return scheduler_.WorkerConnected(worker, At(at));
  }
  Decisions Beat(const std::string& worker, double at, std::vector<std::string> warm = {}) {
    return scheduler_.Heartbeat(worker, scheduler_.AttemptsOf(worker), warm, At(at));
  }
  Decisions Done(JobId job, uint32_t epoch, double at) {
    return scheduler_.AttemptDone({job, epoch}, At(at));
  }
  Decisions Fail(JobId job, uint32_t epoch, double at) {
    return scheduler_.AttemptFailed({job, epoch}, At(at));
  }
  // Lets time pass with the given workers alive; returns what was decided.
  Decisions Pass(double from, double to, const std::vector<std::string>& alive) {
    Decisions all;
    const auto add = [&all](Decisions some) { all.insert(all.end(), some.begin(), some.end()); };
    for (double t = from; t <= to; t += 0.5) {
      for (const std::string& worker : alive) add(Beat(worker, t));
      add(scheduler_.Tick(At(t)));
    }
    return all;
  }

  Scheduler scheduler_;
};

// ---- Sweeps

TEST_F(SchedulerTest, LeasesAJobAndEndsTheSweepWhenItIsDone) {
  EXPECT_THAT(Sweep(1, 10, 1), IsEmpty());
  const std::vector<Lease> leases = Only<Lease>(Connect(Host("a")));
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].worker, "a");
  EXPECT_EQ(leases[0].job, 10u);
  EXPECT_EQ(leases[0].epoch, 1u);
  EXPECT_EQ(leases[0].trial, 1u);
  EXPECT_EQ(leases[0].begin, 0u);
  EXPECT_EQ(leases[0].end, 50u);
  EXPECT_TRUE(scheduler_.IsLive({10, 1}));
  EXPECT_FALSE(scheduler_.IsLive({10, 2}));
  EXPECT_THAT(Text(Done(10, 1, 5)), ElementsAre("job 10 done", "sweep 1 done"));
  EXPECT_FALSE(scheduler_.IsLive({10, 1}));
  EXPECT_FALSE(scheduler_.HasSweep(1));
}

TEST_F(SchedulerTest, ASweepWithNothingToRunEndsAtOnce) {
  EXPECT_THAT(Text(Sweep(1, 10, 0)), ElementsAre("sweep 1 done"));
}

TEST_F(SchedulerTest, NothingOfASweepRunsBeforeItIsStarted) {
  Connect(Host("a"));
  scheduler_.AddSweep({.id = 1});
  scheduler_.AddTrial({.id = 1, .sweep = 1});
  scheduler_.AddJob({.id = 10, .trial = 1, .end = 50});
  EXPECT_THAT(scheduler_.Tick(At(1)), IsEmpty());
  EXPECT_THAT(Text(scheduler_.StartSweep(1, At(2))), ElementsAre("lease 10/1 a"));
}

TEST_F(SchedulerTest, CancelRevokesWhatRunsAndForgetsWhatWaits) {
  Sweep(1, 10, 3);
  Connect(Host("a"));
  EXPECT_THAT(Text(scheduler_.CancelSweep(1, At(1))),
              ElementsAre("revoke 10/1 a", "sweep 1 cancelled"));
  EXPECT_FALSE(scheduler_.IsLive({10, 1}));
  EXPECT_THAT(scheduler_.CancelSweep(1, At(1)), IsEmpty());
  // Also what waits in backoff.
  Sweep(2, 20, 1, {}, {}, 10);
  Fail(20, 1, 11);
  EXPECT_THAT(Text(scheduler_.CancelSweep(2, At(11.1))), ElementsAre("sweep 2 cancelled"));
  EXPECT_THAT(Pass(12, 30, {"a"}), IsEmpty());
}

TEST_F(SchedulerTest, ARevokedAttemptOccupiesItsWorkerUntilItHasStopped) {
  Sweep(1, 10, 1);
  Sweep(2, 20, 1);
  Connect(Host("a"));
  EXPECT_THAT(Text(scheduler_.CancelSweep(1, At(1))),
              ElementsAre("revoke 10/1 a", "sweep 1 cancelled"));
  EXPECT_THAT(Text(scheduler_.AttemptCancelled({10, 1}, At(1.2))), ElementsAre("lease 20/1 a"));
}

TEST_F(SchedulerTest, AHeartbeatWithoutTheRevokedAttemptSaysThatItHasStopped) {
  Sweep(1, 10, 1);
  Sweep(2, 20, 1);
  Connect(Host("a"));
  scheduler_.CancelSweep(1, At(1));
  const AttemptId stopping[] = {{10, 1}};
  EXPECT_THAT(scheduler_.Heartbeat("a", stopping, {}, At(1.5)), IsEmpty());
  EXPECT_THAT(Text(scheduler_.Heartbeat("a", {}, {}, At(2))), ElementsAre("lease 20/1 a"));
}

TEST_F(SchedulerTest, ARevokedAttemptThatNobodySpeaksOfIsTakenAsStopped) {
  Sweep(1, 10, 1);
  Sweep(2, 20, 1);
  Connect(Host("a"));
  scheduler_.CancelSweep(1, At(1));
  EXPECT_EQ(scheduler_.NextDeadline(), At(6));
  EXPECT_THAT(Text(scheduler_.Tick(At(6))), ElementsAre("lease 20/1 a"));
}

TEST_F(SchedulerTest, RetryOfARunningSweepRunsItsFailedJobsAgain) {
  Sweep(1, 10, 2);
  Connect(Host("a"));
  scheduler_.AttemptRefused({10, 1}, At(1));
  EXPECT_EQ(scheduler_.CountsOf(1).failed, 1u);
  scheduler_.ForgetFailures(1);
  scheduler_.AddJob({.id = 10, .trial = 1, .begin = 0, .end = 50, .last_epoch = 1});
  scheduler_.StartSweep(1, At(2));
  EXPECT_THAT(Text(Done(11, 1, 3)), ElementsAre("job 11 done", "lease 10/2 a"));
  EXPECT_THAT(Text(Done(10, 2, 4)), ElementsAre("job 10 done", "sweep 1 done"));
}

// ---- Fit

TEST_F(SchedulerTest, CoresAreNeverOversubscribed) {
  Sweep(1, 10, 5, {.demand = {.cores = 2}});
  EXPECT_THAT(Text(Connect(Host("a", 5))), ElementsAre("lease 10/1 a", "lease 11/1 a"));
  EXPECT_THAT(Text(Done(10, 1, 1)), ElementsAre("job 10 done", "lease 12/1 a"));
}

TEST_F(SchedulerTest, ZeroCoresMeansTheWholeWorker) {
  Sweep(1, 10, 2, {.demand = {.cores = 0}});
  EXPECT_THAT(Text(Connect(Host("a", 8))), ElementsAre("lease 10/1 a"));
  EXPECT_THAT(Text(Done(10, 1, 1)), ElementsAre("job 10 done", "lease 11/1 a"));
}

TEST_F(SchedulerTest, MemoryIsNeverOversubscribed) {
  Sweep(1, 10, 3, {.demand = {.cores = 1, .memory_bytes = 6 * kGiB}});
  EXPECT_THAT(Text(Connect(Host("a", 8))), ElementsAre("lease 10/1 a", "lease 11/1 a"));
}

TEST_F(SchedulerTest, AGpuBelongsToOneAttemptAndTheSmallestThatIsLargeEnoughIsTaken) {
  Sweep(1, 10, 3, {.demand = {.cores = 1, .gpus = 1, .gpu_memory_bytes = 20 * kGiB}});
  WorkerSpec worker = Host("a", 8);
  worker.capacity.gpu_memory_bytes = {80 * kGiB, 16 * kGiB, 24 * kGiB};
  const std::vector<Lease> leases = Only<Lease>(Connect(worker));
  ASSERT_THAT(leases, SizeIs(2));
  EXPECT_EQ(leases[0].gpus, 0b100u);
  EXPECT_EQ(leases[1].gpus, 0b001u);
  const std::vector<Lease> next = Only<Lease>(Done(10, 1, 1));
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_EQ(next[0].gpus, 0b100u);
}

TEST_F(SchedulerTest, AJobWantsAllItsLabels) {
  Sweep(1, 10, 1, {.demand = {.labels = {"ssd", "rack-1"}}});
  WorkerSpec worker = Host("a");
  worker.capacity.labels = {"ssd"};
  EXPECT_THAT(Connect(worker), IsEmpty());
  worker.id = "b";
  worker.capacity.labels = {"rack-1", "big", "ssd"};
  EXPECT_THAT(Text(Connect(worker)), ElementsAre("lease 10/1 b"));
}

TEST_F(SchedulerTest, AJobGoesOnlyWhereItsMethodsVersionAndItsSuiteAre) {
  Sweep(1, 10, 1, {.method = "top-h@2", .suite = "arith@1"});
  WorkerSpec worker = Host("a");
  worker.methods = {"greedy@1", "top-h@1"};
  worker.suites = {"arith@1"};
  EXPECT_THAT(Connect(worker), IsEmpty());
  EXPECT_EQ(scheduler_.WhyIdle(1), "no connected worker has the method top-h@2");
  worker.id = "b";
  worker.methods = {"top-h@2"};
  worker.suites = {"gsm8k@1"};
  EXPECT_THAT(Connect(worker), IsEmpty());
  EXPECT_EQ(scheduler_.WhyIdle(1), "no connected worker has the suite arith@1");
  worker.id = "c";
  worker.suites = {"gsm8k@1", "arith@1"};
  EXPECT_THAT(Text(Connect(worker)), ElementsAre("lease 10/1 c"));
}

TEST_F(SchedulerTest, SaysWhyNothingRuns) {
  Sweep(1, 10, 1, {.demand = {.cores = 4, .gpus = 2, .gpu_memory_bytes = 24 * kGiB}});
  EXPECT_EQ(scheduler_.WhyIdle(1), "no worker is connected");
  Connect(Host("a", 2));
  EXPECT_EQ(scheduler_.WhyIdle(1), "worker a is too small: a job needs 4 cores, has 2");
  Connect(Host("a", 4), 1);
  EXPECT_EQ(scheduler_.WhyIdle(1), "worker a is too small: a job needs 2 GPUs of 24 GiB, has 0");
  EXPECT_EQ(scheduler_.WhyIdle(7), "");
}

// ---- Where

TEST_F(SchedulerTest, AWarmWorkerGoesFirst) {
  Connect(Host("a", 4));
  Connect(Host("b", 2));
  Beat("b", 1, {"m"});
  EXPECT_THAT(Text(Sweep(1, 10, 1, {.model = "m"}, {}, 2)), ElementsAre("lease 10/1 b"));
}

TEST_F(SchedulerTest, AWorkerTakesTheModelThatItHolds) {
  scheduler_.AddSweep({.id = 1});
  scheduler_.AddTrial({.id = 1, .sweep = 1, .model = "x"});
  scheduler_.AddTrial({.id = 2, .sweep = 1, .model = "y"});
  scheduler_.AddJob({.id = 10, .trial = 1, .end = 50});
  scheduler_.AddJob({.id = 11, .trial = 2, .end = 50});
  scheduler_.AddJob({.id = 12, .trial = 1, .end = 50});
  scheduler_.StartSweep(1, At(0));
  EXPECT_THAT(Text(Connect(Host("a"))), ElementsAre("lease 10/1 a"));
  EXPECT_THAT(Text(Done(10, 1, 1)), ElementsAre("job 10 done", "lease 12/1 a"));
  EXPECT_THAT(Text(Done(12, 1, 2)), ElementsAre("job 12 done", "lease 11/1 a"));
}

TEST_F(SchedulerTest, TwoSweepsWithDifferentModelsDoNotMakeAWorkerReloadForEveryJob) {
  Sweep(1, 100, 100, {.model = "x"});
  Sweep(2, 200, 100, {.model = "y"});
  Decisions decisions = Connect(Host("a"));
  int changes = 0;
  std::map<SweepId, int> jobs;
  JobId last = 0;
  for (int i = 0; i < 120; ++i) {  // jobs of 10 s: 20 minutes
    const Lease lease = Only<Lease>(decisions).at(0);
    changes += last != 0 && lease.job / 100 != last / 100;
    last = lease.job;
    ++jobs[lease.job / 100];
    Beat("a", i * 10 + 5, {lease.job / 100 == 1 ? "x" : "y"});
    decisions = Done(lease.job, lease.epoch, (i + 1) * 10);
  }
  // Turns of a little over warm_slack: 7 or so jobs from ahead to behind, 14 from end to end.
  EXPECT_LT(changes, 20);
  EXPECT_GT(changes, 3);
  EXPECT_NEAR(jobs[1], 60, 9);
}

TEST_F(SchedulerTest, WorkWithoutGpuLeavesGpuWorkersFree) {
  WorkerSpec gpu = Host("a", 4);
  gpu.capacity.gpu_memory_bytes = {24 * kGiB};
  Connect(gpu);
  Connect(Host("b", 2));
  EXPECT_THAT(Text(Sweep(1, 10, 1)), ElementsAre("lease 10/1 b"));
}

// ---- Fair share, priority

// Runs jobs of the given lengths on one single-core worker; returns the seconds that each sweep
// got.
TEST_F(SchedulerTest, SweepsShareByWeightInCoreSecondsNotInJobs) {
  Sweep(1, 1000, 1000, {}, {.weight = 1});
  Sweep(2, 2000, 1000, {}, {.weight = 3});
  Decisions decisions = Connect(Host("a"));
  std::map<SweepId, double> seconds;
  double now = 0;
  while (now < 1200) {
    const Lease lease = Only<Lease>(decisions).at(0);
    const SweepId sweep = lease.job / 1000;
    const double length = sweep == 1 ? 1 : 5;
    now += length;
    seconds[sweep] += length;
    decisions = Done(lease.job, lease.epoch, now);
  }
  EXPECT_NEAR(seconds[2] / seconds[1], 3.0, 0.1);
}

TEST_F(SchedulerTest, ALateSweepGetsItsShareFromThenOnAndNoMore) {
  Sweep(1, 1000, 1000);
  Decisions decisions = Connect(Host("a"));
  double now = 0;
  std::map<SweepId, int> jobs;
  for (int i = 0; i < 300; ++i) {
    if (i == 100) Sweep(2, 2000, 1000, {}, {}, now);
    const Lease lease = Only<Lease>(decisions).at(0);
    if (i >= 100) ++jobs[lease.job / 1000];
    decisions = Done(lease.job, lease.epoch, ++now);
  }
  EXPECT_NEAR(jobs[2], 100, 2);
}

TEST_F(SchedulerTest, PriorityStandsAboveFairShare) {
  Sweep(1, 10, 3, {}, {.weight = 100});
  Sweep(2, 20, 2, {}, {.priority = 1});
  EXPECT_THAT(Text(Connect(Host("a"))), ElementsAre("lease 20/1 a"));
  EXPECT_THAT(Text(Done(20, 1, 1)), ElementsAre("job 20 done", "lease 21/1 a"));
  EXPECT_THAT(Text(Done(21, 1, 2)), ElementsAre("job 21 done", "sweep 2 done", "lease 10/1 a"));
}

TEST_F(SchedulerTest, SmallJobsCannotStarveOneThatWantsTheWholeWorker) {
  Sweep(1, 1000, 1000, {.demand = {.cores = 1}});
  Decisions decisions = Connect(Host("a", 2));
  Sweep(2, 2000, 1, {.demand = {.cores = 0}}, {}, 0.1);
  std::vector<Lease> running = Only<Lease>(decisions);
  ASSERT_THAT(running, SizeIs(2));
  // Ends alternate, so both cores are never free at the same time by chance.
  double now = 0.5, leased_at = 0;
  while (!running.empty() && now < 100) {
    const Lease ended = running.front();
    running.erase(running.begin());
    now += 1;
    for (const Lease& lease : Only<Lease>(Done(ended.job, ended.epoch, now))) {
      running.push_back(lease);
      if (lease.job == 2000 && leased_at == 0) leased_at = now;
    }
  }
  EXPECT_GT(leased_at, 10);
  EXPECT_LE(leased_at, 14);
}

// ---- Failures

TEST_F(SchedulerTest, AFailedJobWaitsAndThenRunsOnAnotherWorker) {
  Connect(Host("a"));
  Connect(Host("b"));
  EXPECT_THAT(Text(Sweep(1, 10, 1)), ElementsAre("lease 10/1 a"));
  EXPECT_THAT(Fail(10, 1, 1), IsEmpty());
  EXPECT_FALSE(scheduler_.IsLive({10, 1}));
  EXPECT_EQ(scheduler_.WhyIdle(1), "jobs that failed wait to be tried again");
  const absl::Time retry = scheduler_.NextDeadline();
  EXPECT_GE(retry, At(2));  // half of the first backoff
  EXPECT_LE(retry, At(3));
  EXPECT_THAT(Text(scheduler_.Tick(retry)), ElementsAre("lease 10/2 b"));
}

TEST_F(SchedulerTest, ARetryWaitsForAnotherWorkerThatIsBusyButNotForOneThatIsGone) {
  Connect(Host("a"));
  Connect(Host("b"));
  Sweep(1, 10, 1);
  Sweep(2, 20, 1);
  Fail(10, 1, 1);  // on a; b is busy with 20
  EXPECT_THAT(Pass(1, 10, {"a", "b"}), IsEmpty());
  EXPECT_THAT(Text(scheduler_.WorkerGone("b", At(11))), ElementsAre("lease 10/2 a"));
}

TEST_F(SchedulerTest, TheThirdFailureIsTheLast) {
  for (const char* worker : {"a", "b", "c", "d"}) Connect(Host(worker));
  Sweep(1, 10, 1);
  EXPECT_THAT(Fail(10, 1, 1), IsEmpty());
  EXPECT_THAT(Text(Pass(1, 5, {"a", "b", "c", "d"})), ElementsAre("lease 10/2 b"));
  EXPECT_THAT(Fail(10, 2, 6), IsEmpty());
  EXPECT_THAT(Text(Pass(6, 15, {"a", "b", "c", "d"})), ElementsAre("lease 10/3 c"));
  const Decisions last = Fail(10, 3, 16);
  EXPECT_THAT(Text(last), ElementsAre("job 10 failed", "sweep 1 failed"));
  EXPECT_EQ(Only<JobEnded>(last).at(0).reason, "failed on 3 attempts");
}

TEST_F(SchedulerTest, ASingleWorkerGetsAllThreeTries) {
  Connect(Host("a"));
  Sweep(1, 10, 1);
  Fail(10, 1, 1);
  EXPECT_THAT(Text(Pass(1, 5, {"a"})), ElementsAre("lease 10/2 a"));
  Fail(10, 2, 6);
  EXPECT_THAT(Text(Pass(6, 15, {"a"})), ElementsAre("lease 10/3 a"));
  EXPECT_THAT(Text(Fail(10, 3, 16)), ElementsAre("job 10 failed", "sweep 1 failed"));
}

TEST_F(SchedulerTest, BackoffGrowsAndDiffersFromJobToJobButNotFromRunToRun) {
  const auto waits = [](JobId job) {
    Scheduler scheduler;
    scheduler.AddSweep({.id = 1});
    scheduler.AddTrial({.id = 1, .sweep = 1});
    scheduler.AddJob({.id = job, .trial = 1, .end = 50});
    scheduler.StartSweep(1, At(0));
    scheduler.WorkerConnected(Host("a"), At(0));
    scheduler.AttemptFailed({job, 1}, At(1));
    const absl::Time first = scheduler.NextDeadline();
    scheduler.Tick(first);
    scheduler.AttemptFailed({job, 2}, first);
    return std::pair(first - At(1), scheduler.NextDeadline() - first);
  };
  EXPECT_EQ(waits(10), waits(10));
  EXPECT_NE(waits(10).first, waits(11).first);
  for (JobId job = 1; job < 50; ++job) {
    EXPECT_GE(waits(job).first, absl::Seconds(1));
    EXPECT_LE(waits(job).first, absl::Seconds(2));
    EXPECT_GE(waits(job).second, absl::Seconds(2));
    EXPECT_LE(waits(job).second, absl::Seconds(4));
  }
}

TEST_F(SchedulerTest, ARefusedJobFailsAtOnceAndTheRestOfTheSweepRuns) {
  Connect(Host("a"));
  Sweep(1, 10, 2);
  EXPECT_THAT(Text(scheduler_.AttemptRefused({10, 1}, At(1))),
              ElementsAre("job 10 failed", "lease 11/1 a"));
  EXPECT_THAT(Text(Done(11, 1, 2)), ElementsAre("job 11 done", "sweep 1 failed"));
}

TEST_F(SchedulerTest, EndsOfAttemptsThatAreNotLiveChangeNothing) {
  Connect(Host("a"));
  Sweep(1, 10, 1);
  EXPECT_THAT(Done(10, 2, 1), IsEmpty());
  EXPECT_THAT(Fail(10, 7, 1), IsEmpty());
  EXPECT_THAT(scheduler_.AttemptRefused({99, 1}, At(1)), IsEmpty());
  EXPECT_TRUE(scheduler_.IsLive({10, 1}));
}

// ---- Silence, loss

TEST_F(SchedulerTest, HeartbeatsKeepALeaseAndSilenceEndsIt) {
  Connect(Host("a"));
  Connect(Host("b"));
  Sweep(1, 10, 1);
  EXPECT_THAT(Pass(0, 100, {"a", "b"}), IsEmpty());
  EXPECT_THAT(Pass(100.5, 129.5, {"b"}), IsEmpty());
  EXPECT_THAT(Text(Pass(130, 131, {"b"})), ElementsAre("revoke 10/1 a", "lease 10/2 b"));
}

TEST_F(SchedulerTest, ABrokenStreamDoesNotEndALease) {
  Connect(Host("a"));
  Sweep(1, 10, 1);
  EXPECT_THAT(scheduler_.WorkerGone("a", At(1)), IsEmpty());
  EXPECT_TRUE(scheduler_.IsLive({10, 1}));
  WorkerSpec again = Host("a");
  again.attempts = {{10, 1}};
  EXPECT_THAT(Connect(again, 5), IsEmpty());
  EXPECT_TRUE(scheduler_.IsLive({10, 1}));
  EXPECT_THAT(Text(Done(10, 1, 6)), ElementsAre("job 10 done", "sweep 1 done"));
}

TEST_F(SchedulerTest, AWorkerThatComesBackWithoutAnAttemptHasLostIt) {
  Connect(Host("a"));
  Sweep(1, 10, 1);
  scheduler_.WorkerGone("a", At(1));
  EXPECT_THAT(Text(Connect(Host("a"), 2)), ElementsAre("revoke 10/1 a", "lease 10/2 a"));
}

TEST_F(SchedulerTest, AWorkerThatComesBackWithAnAttemptOfAnotherEpochDropsIt) {
  Connect(Host("a"));
  Connect(Host("b"));
  Sweep(1, 10, 1);
  scheduler_.WorkerGone("a", At(0.5));
  EXPECT_THAT(Text(Pass(1, 31, {"b"})), ElementsAre("revoke 10/1 a", "lease 10/2 b"));
  WorkerSpec again = Host("a");
  again.attempts = {{10, 1}};
  EXPECT_THAT(Text(Connect(again, 32)), ElementsAre("revoke 10/1 a"));
  EXPECT_TRUE(scheduler_.IsLive({10, 2}));
}

TEST_F(SchedulerTest, ALostWorkerIsNotTheJobsFaultUnlessItHappensTenTimes) {
  Sweep(1, 10, 1);
  double now = 0;
  Decisions decisions;
  for (uint32_t loss = 0; loss < 10; ++loss) {
    decisions = Connect(Host("a"), now);
    while (Only<Lease>(decisions).empty()) decisions = Beat("a", now += 1);
    EXPECT_EQ(Only<Lease>(decisions).at(0).epoch, loss + 1);
    scheduler_.WorkerGone("a", At(now));
  }
  decisions = Connect(Host("a"), now);
  EXPECT_THAT(Text(decisions), ElementsAre("revoke 10/10 a", "job 10 failed", "sweep 1 failed"));
  EXPECT_EQ(Only<JobEnded>(decisions).at(0).reason, "its worker was lost 10 times while it ran");
}

TEST_F(SchedulerTest, WhenTheCoordinatorItselfStoodStillNoLeaseRunsOut) {
  Connect(Host("a"));
  Sweep(1, 10, 1);
  EXPECT_THAT(scheduler_.Tick(At(3600)), IsEmpty());
  EXPECT_TRUE(scheduler_.IsLive({10, 1}));
  EXPECT_THAT(Text(Pass(3600, 3630, {})), ElementsAre("revoke 10/1 a"));
}

TEST_F(SchedulerTest, RestoredLeasesGetAFreshTerm) {
  scheduler_.AddSweep({.id = 1});
  scheduler_.AddTrial({.id = 1, .sweep = 1});
  scheduler_.AddJob({.id = 10, .trial = 1, .end = 50, .last_epoch = 4});
  scheduler_.AddJob({.id = 11, .trial = 1, .end = 50, .last_epoch = 1});
  scheduler_.RestoreLease({10, 4}, "a", At(0));
  scheduler_.RestoreLease({11, 1}, "b", At(0));
  EXPECT_THAT(scheduler_.StartSweep(1, At(0)), IsEmpty());
  EXPECT_TRUE(scheduler_.IsLive({10, 4}));
  EXPECT_THAT(Pass(0.5, 19.5, {}), IsEmpty());
  // a comes back with its attempt, and with no room for more; b never does.
  WorkerSpec worker = Host("a");
  worker.attempts = {{10, 4}};
  EXPECT_THAT(Connect(worker, 20), IsEmpty());
  EXPECT_THAT(Text(Pass(20, 29, {"a"})), IsEmpty());
  EXPECT_THAT(Text(Pass(29.5, 31, {"a"})), ElementsAre("revoke 11/1 b"));
  EXPECT_THAT(Text(Done(10, 4, 32)), ElementsAre("job 10 done", "lease 11/2 a"));
}

TEST_F(SchedulerTest, FailuresBeforeARestartCount) {
  Connect(Host("a"));
  Connect(Host("b"));
  scheduler_.AddSweep({.id = 1});
  scheduler_.AddTrial({.id = 1, .sweep = 1});
  scheduler_.AddJob({.id = 10, .trial = 1, .end = 50, .last_epoch = 2, .failed_on = {"a", "a"}});
  EXPECT_THAT(Text(scheduler_.StartSweep(1, At(1))), ElementsAre("lease 10/3 b"));
  EXPECT_THAT(Text(Fail(10, 3, 2)), ElementsAre("job 10 failed", "sweep 1 failed"));
}

// ---- Drain

TEST_F(SchedulerTest, ADrainingWorkerFinishesAndTakesNothingNew) {
  Connect(Host("a"));
  Sweep(1, 10, 2);
  EXPECT_THAT(scheduler_.DrainWorker("a", At(1)), IsEmpty());
  EXPECT_TRUE(scheduler_.IsDraining("a"));
  EXPECT_TRUE(scheduler_.IsLive({10, 1}));
  // A broken stream in between changes nothing.
  scheduler_.WorkerGone("a", At(2));
  WorkerSpec again = Host("a");
  again.attempts = {{10, 1}};
  EXPECT_THAT(Connect(again, 3), IsEmpty());
  EXPECT_THAT(Text(Done(10, 1, 4)), ElementsAre("job 10 done"));
  EXPECT_EQ(scheduler_.WhyIdle(1), "the workers are being drained");
  EXPECT_THAT(Text(Connect(Host("b"), 5)), ElementsAre("lease 11/1 b"));
}

TEST_F(SchedulerTest, ADrainedWorkerThatWasStartedAgainTakesWork) {
  Connect(Host("a"));
  Sweep(1, 10, 2);
  scheduler_.DrainWorker("a", At(1));
  Done(10, 1, 2);
  scheduler_.WorkerGone("a", At(3));
  EXPECT_THAT(Text(Connect(Host("a"), 4)), ElementsAre("lease 11/1 a"));
  EXPECT_FALSE(scheduler_.IsDraining("a"));
}

// ---- Stragglers

class StragglerTest : public SchedulerTest {
 protected:
  // Two workers; a's job 12 takes longer than the others did: 10 s for 10 and 11 each.
  void Prepare(bool ordered) {
    Connect(Host("a"));
    Connect(Host("b"));
    Sweep(1, 10, 3, {.ordered = ordered});
    EXPECT_THAT(Text(Done(10, 1, 10)), ElementsAre("job 10 done", "lease 12/1 a"));
    EXPECT_THAT(Text(Done(11, 1, 10)), ElementsAre("job 11 done"));
  }
};

TEST_F(StragglerTest, GetsASecondAttemptAndTheFirstToFinishWins) {
  Prepare(false);
  EXPECT_THAT(Pass(10.5, 29.5, {"a", "b"}), IsEmpty());
  EXPECT_THAT(Text(Pass(30, 32, {"a", "b"})), ElementsAre("backup 12/2 b"));
  EXPECT_TRUE(scheduler_.IsLive({12, 1}));
  EXPECT_TRUE(scheduler_.IsLive({12, 2}));
  EXPECT_THAT(Pass(32, 60, {"a", "b"}), IsEmpty());  // never a third
  EXPECT_THAT(Text(Done(12, 2, 60)), ElementsAre("revoke 12/1 a", "job 12 done", "sweep 1 done"));
}

TEST_F(StragglerTest, OfAnOrderedTrialNeverGetsOne) {
  Prepare(true);
  EXPECT_THAT(Pass(10.5, 200, {"a", "b"}), IsEmpty());
}

TEST_F(StragglerTest, LivesOnWhenItsBackupFails) {
  Prepare(false);
  Pass(10.5, 32, {"a", "b"});
  EXPECT_THAT(Fail(12, 2, 33), IsEmpty());
  EXPECT_TRUE(scheduler_.IsLive({12, 1}));
  EXPECT_THAT(Pass(33, 60, {"a", "b"}), IsEmpty());  // b has failed it, so no backup there
  EXPECT_THAT(Text(Done(12, 1, 60)), ElementsAre("job 12 done", "sweep 1 done"));
}

TEST_F(StragglerTest, ItsBackupLivesOnWhenItsWorkerIsLost) {
  Prepare(false);
  Pass(10.5, 32, {"a", "b"});
  EXPECT_THAT(Text(Pass(32.5, 70, {"b"})), ElementsAre("revoke 12/1 a"));
  EXPECT_THAT(Text(Done(12, 2, 71)), ElementsAre("job 12 done", "sweep 1 done"));
}

TEST_F(StragglerTest, WaitsWhileAnotherJobWantsTheIdleWorker) {
  Prepare(false);
  EXPECT_THAT(Text(Sweep(2, 20, 1, {}, {}, 11)), ElementsAre("lease 20/1 b"));
  EXPECT_THAT(Pass(11, 50, {"a", "b"}), IsEmpty());
  EXPECT_THAT(Text(Done(20, 1, 51)), ElementsAre("job 20 done", "sweep 2 done", "backup 12/2 b"));
}

TEST(CanEverFitTest, NamesWhatIsMissing) {
  const Capacity small{.cores = 2, .memory_bytes = 4 * kGiB, .gpu_memory_bytes = {8 * kGiB}};
  std::string why;
  EXPECT_TRUE(CanEverFit({.cores = 0}, small, &why));
  EXPECT_FALSE(CanEverFit({.cores = 1, .memory_bytes = 6 * kGiB}, small, &why));
  EXPECT_EQ(why, "needs 6 GiB of memory, has 4 GiB");
  EXPECT_FALSE(CanEverFit({.cores = 1, .gpus = 2}, small, &why));
  EXPECT_EQ(why, "needs 2 GPUs, has 1");
  EXPECT_FALSE(CanEverFit({.cores = 1, .labels = {"rack"}}, small, &why));
  EXPECT_EQ(why, "needs the label 'rack'");
}

}  // namespace
}  // namespace entrobench
