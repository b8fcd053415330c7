// The scheduler at the size of the design's budget: a million jobs, a thousand sweeps.
#include <malloc.h>

#include <cstdio>
#include <ctime>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/scheduler/scheduler.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

constexpr int kSweeps = 1000;
constexpr int kTrialsPerSweep = 20;
constexpr int kJobsPerTrial = 50;
constexpr int kWorkers = 100;

size_t BytesInUse() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Processor time, so that a busy machine does not tell another story.
class Stopwatch {
 public:
  double Seconds() const { return static_cast<double>(std::clock() - start_) / CLOCKS_PER_SEC; }

 private:
  std::clock_t start_ = std::clock();
};

TEST(SchedulerScale, AMillionJobsFitAndAllRunOnce) {
  const absl::Time start = absl::FromUnixSeconds(1'000'000);
  const size_t bytes_before = BytesInUse();
  Scheduler scheduler;
  const Stopwatch adding;
  JobId job = 0;
  TrialId trial = 0;
  for (SweepId sweep = 1; sweep <= kSweeps; ++sweep) {
    scheduler.AddSweep({.id = sweep, .weight = 1.0 + static_cast<double>(sweep % 3)});
    for (int t = 0; t < kTrialsPerSweep; ++t) {
      scheduler.AddTrial({.id = ++trial,
                          .sweep = sweep,
                          .model = absl::StrCat("model-", t % 4),
                          .method = absl::StrCat("method-", t, "@1"),
                          .suite = "arith",
                          .demand = {.cores = 1, .memory_bytes = 1u << 30}});
      for (uint64_t j = 0; j < kJobsPerTrial; ++j) {
        scheduler.AddJob({.id = ++job, .trial = trial, .begin = j * 50, .end = j * 50 + 50});
      }
    }
  }
  const double adding_seconds = adding.Seconds();
  const double bytes_a_job =
      static_cast<double>(BytesInUse() - bytes_before) / static_cast<double>(job);
  EXPECT_LT(bytes_a_job, 120);

  const Stopwatch starting;
  for (SweepId sweep = 1; sweep <= kSweeps; ++sweep) scheduler.StartSweep(sweep, start);
  WorkerSpec worker{.capacity = {.cores = 8, .memory_bytes = 64ull << 30}, .suites = {"arith"}};
  for (int t = 0; t < kTrialsPerSweep; ++t) {
    worker.methods.push_back(absl::StrCat("method-", t, "@1"));
  }
  std::deque<AttemptId> running;
  uint64_t leases = 0, done = 0, sweeps_done = 0;
  const auto take = [&](const Decisions& decisions) {
    for (const Decision& decision : decisions) {
      if (const auto* lease = std::get_if<Lease>(&decision)) {
        running.push_back({lease->job, lease->epoch});
        ++leases;
      } else if (const auto* ended = std::get_if<JobEnded>(&decision)) {
        done += ended->state == EndState::kDone;
      } else if (std::get_if<SweepEnded>(&decision) != nullptr) {
        ++sweeps_done;
      }
    }
  };
  for (int w = 0; w < kWorkers; ++w) {
    worker.id = absl::StrCat("worker-", w);
    take(scheduler.WorkerConnected(worker, start));
  }
  const double starting_seconds = starting.Seconds();
  EXPECT_EQ(running.size(), 8u * kWorkers);

  // Each end of an attempt brings the next lease; the workers' heartbeats come between.
  const Stopwatch running_time;
  for (uint64_t step = 0; !running.empty(); ++step) {
    const absl::Time now = start + absl::Microseconds(100) * static_cast<double>(step);
    const AttemptId attempt = running.front();
    running.pop_front();
    take(scheduler.AttemptDone(attempt, now));
    if (step % 1000 == 0) {
      for (int w = 0; w < kWorkers; ++w) {
        const std::string id = absl::StrCat("worker-", w);
        take(scheduler.Heartbeat(id, scheduler.AttemptsOf(id), {}, now));
      }
    }
  }
  const double seconds = running_time.Seconds();
  EXPECT_EQ(leases, job);
  EXPECT_EQ(done, job);
  EXPECT_EQ(sweeps_done, static_cast<uint64_t>(kSweeps));
  std::printf(
      "%.0f bytes a waiting job; added %.2f million/s; 100 workers connected in %.2f s; %.0f "
      "leases/s\n",
      bytes_a_job, static_cast<double>(job) / adding_seconds / 1e6, starting_seconds,
      static_cast<double>(leases) / seconds);
}

}  // namespace
}  // namespace entrobench
