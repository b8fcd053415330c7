#include "tests/simulation/scheduler_simulation.h"

#include <cstdio>
#include <functional>
#include <map>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

constexpr uint64_t kSeeds = 2000;

TEST(SchedulerSimulation, AllHoldsOverTwoThousandClusters) {
  SchedulerSimulation::Events sum;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SchedulerSimulation simulation(seed);
    const std::vector<std::string> wrong = simulation.Run();
    ASSERT_TRUE(wrong.empty()) << "seed " << seed << ":\n" << absl::StrJoin(wrong, "\n");
    const auto& events = simulation.events();
    sum.steps += events.steps;
    sum.leases += events.leases;
    sum.backups += events.backups;
    sum.failures += events.failures;
    sum.refusals += events.refusals;
    sum.losses += events.losses;
    sum.crashes += events.crashes;
    sum.partitions += events.partitions;
    sum.restarts += events.restarts;
    sum.cancels += events.cancels;
    sum.retries += events.retries;
    sum.drains += events.drains;
    sum.failed_jobs += events.failed_jobs;
  }
  // Everything that can happen has happened often.
  for (const int count :
       {sum.leases, sum.backups, sum.failures, sum.refusals, sum.losses, sum.crashes,
        sum.partitions, sum.restarts, sum.cancels, sum.retries, sum.drains, sum.failed_jobs}) {
    EXPECT_GT(count, 100);
  }
  std::printf("%d steps, %d leases (%d backups), %d failures, %d lost, %d restarts\n", sum.steps,
              sum.leases, sum.backups, sum.failures, sum.losses, sum.restarts);
}

TEST(SchedulerSimulation, TheSameSeedTellsTheSameStory) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SchedulerSimulation first(seed), second(seed);
    first.Run();
    second.Run();
    EXPECT_EQ(first.events(), second.events());
  }
}

// Three sweeps that always have jobs waiting, on a cluster of equal workers: each gets core-seconds
// by its weight, however long its jobs are and however many cores they take.
TEST(SchedulerSimulation, BackloggedSweepsShareByWeight) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Random random(seed, 1);
    Scheduler scheduler;
    absl::Time now = absl::FromUnixSeconds(1'000'000);
    std::map<SweepId, double> weight, length, got;
    std::map<SweepId, uint32_t> cores;
    double weights = 0;
    for (SweepId sweep = 1; sweep <= 3; ++sweep) {
      weight[sweep] = 1.0 + static_cast<double>(random.Below(4));
      weights += weight[sweep];
      length[sweep] = 1 + 9 * random.Uniform();
      cores[sweep] = random.Below(2) == 0 ? 1 : 2;
      scheduler.AddSweep({.id = sweep, .weight = weight[sweep]});
      scheduler.AddTrial(
          {.id = sweep, .sweep = sweep, .model = "m", .demand = {.cores = cores[sweep]}});
      for (JobId job = 0; job < 20'000; ++job) {
        scheduler.AddJob({.id = sweep * 1'000'000 + job, .trial = sweep, .end = 50});
      }
      scheduler.StartSweep(sweep, now);
    }
    using End = std::tuple<absl::Time, JobId, uint32_t, double>;
    std::priority_queue<End, std::vector<End>, std::greater<>> ends;
    double total = 0;
    const auto take = [&](const Decisions& decisions) {
      for (const Decision& decision : decisions) {
        const auto* lease = std::get_if<Lease>(&decision);
        if (lease == nullptr) continue;
        const SweepId sweep = lease->job / 1'000'000;
        const double seconds = length[sweep] * (0.5 + random.Uniform());
        ends.emplace(now + absl::Seconds(seconds), lease->job, lease->epoch, seconds);
      }
    };
    for (int worker = 0; worker < 4; ++worker) {
      take(scheduler.WorkerConnected(
          {.id = absl::StrCat("w", worker), .capacity = {.cores = 4, .memory_bytes = 1u << 30}},
          now));
    }
    const absl::Time until = now + absl::Hours(1);
    while (now < until) {
      const auto [end, job, epoch, seconds] = ends.top();
      ends.pop();
      now = end;
      got[job / 1'000'000] += seconds * cores[job / 1'000'000];
      total += seconds * cores[job / 1'000'000];
      take(scheduler.AttemptDone({job, epoch}, now));
    }
    for (const auto& [sweep, share] : got) {
      EXPECT_NEAR(share / total, weight[sweep] / weights, 0.02) << "seed " << seed;
    }
    // Whole: 16 cores for an hour. A core may stand idle where only two would do.
    EXPECT_GT(total, 0.97 * 16 * 3600) << "seed " << seed;
  }
}

}  // namespace
}  // namespace entrobench
