// kill -9 of each process in the middle of a sweep: after a restart the sweep completes, no sample
// is missing or doubled, and what was recorded is not run again.
#include <gtest/gtest.h>
#include <csignal>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "tests/e2e/cluster.h"

namespace entrobench {
namespace {

// Long enough to be caught in the middle: 1,000 samples.
constexpr char kSweep[] = R"(
name: recovery
suite: arith
model: tiny-reasoner-mini
seeds: [1]
limit: 500
keep: text
methods:
  - name: temperature
    params: {temperature: [0.7, 1.0]}
)";

using SampleKey = std::pair<uint64_t, uint64_t>;
std::map<SampleKey, v1::Provenance> Recorded(Cluster& cluster, uint64_t sweep) {
  std::map<SampleKey, v1::Provenance> recorded;
  for (const v1::ExportRow& row : cluster.Export(sweep)) {
    recorded[{row.trial().id(), row.sample().sample_id()}] = row.provenance();
  }
  return recorded;
}

// What was recorded before is the same record afterwards: same attempt, same time.
void ExpectNotRunAgain(Cluster& cluster, uint64_t sweep,
                       const std::map<SampleKey, v1::Provenance>& before) {
  const auto after = Recorded(cluster, sweep);
  for (const auto& [key, provenance] : before) {
    ASSERT_TRUE(after.count(key) == 1)
        << "sample " << key.second << " of trial " << key.first << " is lost";
    EXPECT_EQ(after.at(key).epoch(), provenance.epoch());
    EXPECT_EQ(after.at(key).recorded_at(), provenance.recorded_at());
  }
}

// Runs until part of the sweep is recorded.
uint64_t RunToTheMiddle(Cluster& cluster) {
  const uint64_t sweep = cluster.Submit(kSweep);
  const v1::SweepStatus status =
      cluster.WaitUntil(sweep, [](const v1::SweepStatus& s) { return s.samples_done() >= 100; });
  EXPECT_LT(status.samples_done(), status.samples())
      << "the sweep was over before it could be disturbed";
  return sweep;
}

// Starts a sweep on one worker, disturbs it in the middle, and expects that it completes all the
// same.
void ExpectRecovery(const std::function<void(Cluster&)>& disturb) {
  Cluster cluster;
  cluster.StartWorker(1);
  cluster.WaitForWorkers(1);
  const uint64_t sweep = RunToTheMiddle(cluster);
  const auto before = Recorded(cluster, sweep);
  disturb(cluster);
  cluster.WaitForEnd(sweep);
  ExpectComplete(cluster, sweep);
  ExpectNotRunAgain(cluster, sweep, before);
}

TEST(Recovery, WorkerKilledInTheMiddle) {
  ExpectRecovery([](Cluster& cluster) {
    const auto evaluators = cluster.Evaluators();
    EXPECT_FALSE(evaluators.empty());
    cluster.KillWorker(1);
    for (const pid_t pid : evaluators) {
      const auto gone = [pid] { return !Cluster::IsAlive(pid); };
      EXPECT_TRUE(WaitFor(gone, absl::Seconds(1))) << "an evaluator outlives its worker";
    }
    cluster.StartWorker(1);
  });
}

TEST(Recovery, AnotherWorkerTakesOver) {
  ExpectRecovery([](Cluster& cluster) {
    cluster.KillWorker(1);
    cluster.StartWorker(2);
  });
}

TEST(Recovery, EvaluatorKilledInTheMiddle) {
  ExpectRecovery([](Cluster& cluster) {
    const auto evaluators = cluster.Evaluators();
    EXPECT_FALSE(evaluators.empty());
    for (const pid_t pid : evaluators) kill(pid, SIGKILL);
  });
}

TEST(Recovery, CoordinatorKilledInTheMiddle) {
  ExpectRecovery([](Cluster& cluster) {
    cluster.KillCoordinator();
    cluster.StartCoordinator();
  });
}

TEST(Recovery, CoordinatorAndWorkerKilledTogether) {
  ExpectRecovery([](Cluster& cluster) {
    cluster.KillCoordinator();
    cluster.KillWorker(1);
    cluster.StartCoordinator();
    cluster.StartWorker(1);
  });
}

}  // namespace
}  // namespace entrobench
