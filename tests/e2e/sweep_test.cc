// A sweep through real processes: determinism over workers, reuse of cells, cancel, bad input at
// the door, a user's own data.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "tests/e2e/cluster.h"

namespace entrobench {
namespace {

using testing::HasSubstr;

// Everything of a sample but when and how fast it ran, by what it is: suite, method, seed, sample.
using Cell = std::tuple<std::string, std::string, uint64_t, uint64_t>;
std::map<Cell, std::string> Outcomes(Cluster& cluster, uint64_t sweep) {
  std::map<Cell, std::string> outcomes;
  for (v1::ExportRow& row : cluster.Export(sweep, /*with_payload=*/true)) {
    row.mutable_sample()->clear_seconds();
    EXPECT_GT(row.sample().payload().branches_size(), 0);
    outcomes[{row.trial().suite().id(), row.trial().method().id(), row.trial().seed(),
              row.sample().sample_id()}] = row.sample().ShortDebugString();
  }
  return outcomes;
}

TEST(Sweep, DeterministicIsTheSameOnOneAndOnThreeWorkers) {
  const std::string yaml = R"(
name: deterministic
suite: [arith, contest]
model: tiny-reasoner-mini
seeds: [7]
limit: 60
deterministic: true
methods: [greedy, {name: temperature, params: {temperature: 1.0}}, top-h, {name: self-consistency, params: {samples: 4}}]
)";
  Cluster cluster;
  cluster.StartWorker(1);
  cluster.WaitForWorkers(1);
  const uint64_t one = cluster.Submit(yaml);
  cluster.WaitForEnd(one);
  ExpectComplete(cluster, one);
  cluster.StartWorker(2);
  cluster.StartWorker(3);
  cluster.WaitForWorkers(3);
  const uint64_t three = cluster.Submit(yaml, /*fresh=*/true);
  cluster.WaitForEnd(three);
  ExpectComplete(cluster, three);
  std::map<std::string, int> by_worker;
  for (const v1::ExportRow& row : cluster.Export(three)) ++by_worker[row.provenance().worker()];
  EXPECT_GT(by_worker.size(), 1u) << "the second run was meant to spread over workers";
  EXPECT_EQ(Outcomes(cluster, one), Outcomes(cluster, three));
}

TEST(Sweep, TheSameCellIsReusedAndFreshRunsIt) {
  const std::string yaml = R"(
name: reuse
suite: arith
model: tiny-reasoner-mini
seeds: [1]
limit: 60
methods: [greedy]
)";
  Cluster cluster;
  cluster.StartWorker(1);
  cluster.WaitForWorkers(1);
  const uint64_t first = cluster.Submit(yaml);
  EXPECT_EQ(cluster.WaitForEnd(first).samples_reused(), 0u);
  const uint64_t second = cluster.Submit(yaml);
  const v1::SweepStatus reused = cluster.Status(second);
  EXPECT_EQ(reused.state(), v1::STATE_DONE) << "a sweep whose cells are all there is done at once";
  EXPECT_EQ(reused.samples_reused(), 60u);
  ExpectComplete(cluster, second);
  EXPECT_EQ(Outcomes(cluster, first), Outcomes(cluster, second));
  // A longer one runs only what is missing.
  const uint64_t longer = cluster.Submit(R"(
name: longer
suite: arith
model: tiny-reasoner-mini
limit: 90
methods: [greedy]
)");
  EXPECT_EQ(cluster.WaitForEnd(longer).samples_reused(), 60u);
  ExpectComplete(cluster, longer);
  const uint64_t fresh = cluster.Submit(yaml, /*fresh=*/true);
  EXPECT_EQ(cluster.WaitForEnd(fresh).samples_reused(), 0u);
  ExpectComplete(cluster, fresh);
  // Equal cells count once on the leaderboard.
  grpc::ClientContext context;
  v1::LeaderboardRequest request;
  request.set_suite("arith");
  v1::Leaderboard board;
  ASSERT_TRUE(cluster.stub().GetLeaderboard(&context, request, &board).ok());
  ASSERT_EQ(board.rows_size(), 1);
  EXPECT_EQ(board.rows(0).seeds_size(), 1);
}

TEST(Sweep, CancelReachesARunningEvaluatorWithinASecond) {
  Cluster cluster;
  cluster.StartWorker(1);
  cluster.WaitForWorkers(1);
  const uint64_t sweep = cluster.Submit(R"(
name: to be cancelled
suite: arith
model: tiny-reasoner-mini
seeds: [1, 2, 3]
methods: [{name: self-consistency, params: {samples: 16}}]
)");
  cluster.WaitUntil(sweep, [](const v1::SweepStatus& status) { return status.samples_done() > 0; });
  grpc::ClientContext context;
  v1::SweepRef ref;
  ref.set_id(sweep);
  v1::SweepStatus status;
  ASSERT_TRUE(cluster.stub().CancelSweep(&context, ref, &status).ok());
  EXPECT_EQ(status.state(), v1::STATE_CANCELLED);
  const auto idle = [&] {
    grpc::ClientContext list;
    v1::ListWorkersReply workers;
    cluster.stub().ListWorkers(&list, v1::ListWorkersRequest(), &workers);
    return workers.workers_size() == 1 && workers.workers(0).running_jobs() == 0;
  };
  EXPECT_TRUE(WaitFor(idle, absl::Seconds(2)));
  // The worker is free at once for something else.
  const uint64_t next = cluster.Submit(
      "{name: next, suite: arith, model: tiny-reasoner-mini, limit: 10, methods: [greedy]}");
  cluster.WaitForEnd(next, absl::Seconds(20));
  ExpectComplete(cluster, next);
}

TEST(Sweep, BadInputIsRefusedWithItsPlaceAndNothingIsSubmitted) {
  Cluster cluster;
  cluster.StartWorker(1);
  cluster.WaitForWorkers(1);
  const std::string path = cluster.WriteFile("bad.yaml", R"(name: bad
suite: arth
model: tiny-reasoner-mini
methods:
  - top_h
  - name: top-h
    params: {alpha: 7}
sedes: [1]
)");
  const CommandResult result = cluster.Cli({"submit", path});
  EXPECT_EQ(result.exit_code, 2) << result.out << result.err;
  EXPECT_THAT(result.err, HasSubstr("bad.yaml:2:8"));
  EXPECT_THAT(result.err, HasSubstr("did you mean 'arith'"));
  EXPECT_THAT(result.err, HasSubstr("bad.yaml:5:5"));
  EXPECT_THAT(result.err, HasSubstr("did you mean 'top-h'"));
  EXPECT_THAT(result.err, HasSubstr("bad.yaml:7:21"));
  EXPECT_THAT(result.err, HasSubstr("bad.yaml:8:1"));
  grpc::ClientContext context;
  v1::ListSweepsReply sweeps;
  ASSERT_TRUE(cluster.stub().ListSweeps(&context, v1::ListSweepsRequest(), &sweeps).ok());
  EXPECT_EQ(sweeps.sweeps_size(), 0);
}

TEST(Sweep, DataIsCheckedRegisteredFetchedByDigestAndRun) {
  Cluster cluster;
  cluster.StartWorker(1);  // has no folder in common with the coordinator: it must fetch
  cluster.WaitForWorkers(1);
  const std::string broken =
      cluster.WriteFile("broken.jsonl",
                        "{\"question\": \"1 + 1?\", \"answer\": \"2\\n#### 2\"}\n"
                        "{\"question\": \"no answer here\"}\n");
  const CommandResult refused = cluster.Cli({"data", "add", "gsm8k", broken});
  EXPECT_EQ(refused.exit_code, 2) << refused.out << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("broken.jsonl:2"));
  std::string lines;
  for (int i = 0; i < 30; ++i) {
    absl::StrAppend(&lines, "{\"question\": \"Tom has ", i,
                    " apples and buys 3 more. How many apples does he have?\", ", "\"answer\": \"",
                    i, " + 3 = ", i + 3, "\\n#### ", i + 3, "\"}\n");
  }
  const CommandResult added =
      cluster.Cli({"data", "add", "gsm8k", cluster.WriteFile("small.jsonl", lines)});
  ASSERT_EQ(added.exit_code, 0) << added.err;
  const std::string yaml = cluster.WriteFile(
      "gsm8k.yaml", "name: small\nsuite: gsm8k\nmodel: tiny-reasoner-mini\nmethods: [greedy]\n");
  const CommandResult submitted = cluster.Cli({"submit", yaml, "--wait"});
  EXPECT_EQ(submitted.exit_code, 0) << submitted.out << submitted.err;
  ExpectComplete(cluster, 1);
  EXPECT_EQ(cluster.Status(1).samples(), 30u);
}

TEST(Sweep, TheExamplesRunAsTheySay) {
  Cluster cluster;
  cluster.StartWorker(1);
  cluster.WaitForWorkers(1);
  const std::string examples = std::string(std::getenv("ENTROBENCH_SOURCE_DIR")) + "/examples/";
  for (const char* sweep : {"demo.yaml", "temperature-ladder.yaml"}) {
    const CommandResult checked = cluster.Cli({"submit", examples + sweep, "--dry-run"});
    EXPECT_EQ(checked.exit_code, 0) << sweep << checked.err;
  }
  // A user's own questions, without C++.
  const CommandResult added =
      cluster.Cli({"data", "add", "my-questions", examples + "my-questions.jsonl", "--definition",
                   examples + "my-questions-suite.yaml"});
  ASSERT_EQ(added.exit_code, 0) << added.err;
  const CommandResult submitted = cluster.Cli({"submit", examples + "my-questions.yaml", "--wait"});
  EXPECT_EQ(submitted.exit_code, 0) << submitted.out << submitted.err;
  ExpectComplete(cluster, 1);
  EXPECT_EQ(cluster.Status(1).samples(), 7u * 3 * 5);
}

TEST(Sweep, LeaderboardOfTheCommandLineAgreesWithTheSamples) {
  Cluster cluster;
  cluster.StartWorker(1);
  cluster.WaitForWorkers(1);
  const uint64_t sweep = cluster.Submit(R"(
name: board
suite: arith
model: tiny-reasoner-mini
seeds: [1, 2]
limit: 50
methods: [greedy, {name: min-p, params: {min_p: 0.1}}]
)");
  cluster.WaitForEnd(sweep);
  std::map<std::string, std::pair<double, int>> scores;
  for (const v1::ExportRow& row : cluster.Export(sweep)) {
    scores[row.trial().method().id()].first += row.sample().score();
    scores[row.trial().method().id()].second += 1;
  }
  const CommandResult result = cluster.Cli({"leaderboard", "--suite", "arith", "--format", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const nlohmann::json board = nlohmann::json::parse(result.out);
  ASSERT_EQ(board.at("rows").size(), 2u);
  for (const auto& row : board.at("rows")) {
    const auto& [sum, count] = scores.at(row.at("method").at("id").get<std::string>());
    EXPECT_NEAR(row.value("score", 0.0), sum / count, 1e-12);
    EXPECT_EQ(count, 100);
    EXPECT_LE(row.at("scoreInterval").value("low", 0.0), row.value("score", 0.0));
    EXPECT_GE(row.at("scoreInterval").value("high", 0.0), row.value("score", 0.0));
  }
}

}  // namespace
}  // namespace entrobench
