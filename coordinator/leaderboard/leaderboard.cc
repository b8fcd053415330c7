#include "coordinator/leaderboard/leaderboard.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/random.h"
#include "common/value.h"
#include "coordinator/leaderboard/cluster_bootstrap.h"
#include "coordinator/leaderboard/interval.h"

namespace entrobench {
namespace {

constexpr double kNearZero = 0.05;

double PerSample(double sum, uint64_t samples) {
  return samples == 0 ? 0 : sum / static_cast<double>(samples);
}

void SetInterval(const ScoreInterval& interval, const std::string& kind, v1::LeaderboardRow* row) {
  row->mutable_score_interval()->set_low(interval.low);
  row->mutable_score_interval()->set_high(interval.high);
  row->set_interval_kind(kind);
}

void SetInterval(const TrialGroup& group, const StatisticsByGroup& statistics,
                 v1::LeaderboardRow* row) {
  const auto samples = static_cast<double>(row->samples());
  if (group.trials.size() == 1) {
    SetInterval(WilsonInterval(row->score(), samples), kWilson, row);
  } else if (const GroupStatistics* known = FindStatistics(group, statistics)) {
    SetInterval({known->low, known->high}, known->kind, row);
    row->set_problems(known->problems);
  } else {
    SetInterval(WilsonInterval(row->score(), samples), kProvisional, row);
  }
}

v1::LeaderboardRow MakeRow(const TrialGroup& group, const StatisticsByGroup& statistics) {
  v1::LeaderboardRow row;
  const v1::Trial& first = group.trials.front().trial();
  *row.mutable_method() = first.method();
  row.set_model(first.model().name());
  row.set_model_digest(first.model().digest());
  row.set_suite(first.suite().id());
  row.set_suite_digest(first.suite().digest());
  row.set_suite_options(CanonicalParams(first.suite().options()));
  row.set_deterministic(first.deterministic());
  double score_sum = 0, entropy_sum = 0, seconds_sum = 0;
  uint64_t samples = 0, wanted = 0, errors = 0, tokens = 0, most = 0;
  for (const v1::TrialStatus& trial : group.trials) {
    row.add_seeds(trial.trial().seed());
    row.add_trial_ids(trial.trial().id());
    wanted += trial.trial().samples();
    samples += trial.totals().samples();
    errors += trial.totals().errors();
    tokens += trial.totals().generated_tokens();
    score_sum += trial.totals().score_sum();
    entropy_sum += trial.totals().entropy_sum();
    seconds_sum += trial.totals().seconds_sum();
    most = std::max<uint64_t>(most, trial.totals().samples());
  }
  row.set_samples(samples);
  row.set_samples_wanted(wanted);
  row.set_errors(errors);
  row.set_problems(most);  // of unfinished seeds: at least so many
  row.set_score(PerSample(score_sum, samples));
  row.set_tokens_per_problem(PerSample(static_cast<double>(tokens), samples));
  row.set_entropy_per_token(PerSample(entropy_sum, samples));
  row.set_seconds_per_problem(PerSample(seconds_sum, samples));
  SetInterval(group, statistics, &row);
  return row;
}

// Rows that are compared with each other.
struct Block {
  std::vector<v1::LeaderboardRow> rows;  // best first

  double best() const { return rows.front().score(); }
  bool near_zero() const {
    return std::all_of(rows.begin(), rows.end(), [](const v1::LeaderboardRow& row) {
      return row.score_interval().high() < kNearZero;
    });
  }
};

void RankRows(std::vector<v1::LeaderboardRow>* rows) {
  std::stable_sort(rows->begin(), rows->end(),
                   [](const auto& a, const auto& b) { return a.score() > b.score(); });
  uint32_t group = 0;
  double opened_low = 0;
  for (v1::LeaderboardRow& row : *rows) {
    if (group == 0 || row.score_interval().high() < opened_low) {
      ++group;
      opened_low = row.score_interval().low();
    }
    row.set_group(group);
  }
}

std::vector<Block> MakeBlocks(const std::vector<TrialGroup>& groups,
                              const StatisticsByGroup& statistics) {
  std::map<std::string, Block> by_identity;
  for (const TrialGroup& group : groups) {
    v1::LeaderboardRow row = MakeRow(group, statistics);
    const std::string identity =
        absl::StrJoin({row.model_digest().empty() ? row.model() : row.model_digest(),
                       row.suite_digest(), row.suite_options()},
                      "\n");
    by_identity[identity].rows.push_back(std::move(row));
  }
  std::vector<Block> blocks;
  for (auto& [identity, block] : by_identity) {
    RankRows(&block.rows);
    blocks.push_back(std::move(block));
  }
  std::stable_sort(blocks.begin(), blocks.end(),
                   [](const Block& a, const Block& b) { return a.best() > b.best(); });
  return blocks;
}

}  // namespace

const GroupStatistics* FindStatistics(const TrialGroup& group, const StatisticsByGroup& known) {
  const auto it = known.find(group.Key());
  if (it == known.end() || it->second.samples_covered != group.samples()) return nullptr;
  return &it->second;
}

GroupStatistics ComputeStatistics(const TrialGroup& group,
                                  absl::Span<const std::vector<SampleScore>> scores) {
  std::map<uint64_t, ProblemScores> by_problem;
  GroupStatistics statistics;
  statistics.key = group.Key();
  for (const std::vector<SampleScore>& trial : scores) {
    for (const SampleScore& sample : trial) {
      ProblemScores& problem = by_problem[sample.sample_id];
      problem.sum += sample.score;
      ++problem.count;
    }
    statistics.samples_covered += trial.size();
  }
  std::vector<ProblemScores> problems;
  problems.reserve(by_problem.size());
  for (const auto& [id, problem] : by_problem) problems.push_back(problem);
  const ClusterInterval interval = ClusterBootstrap(problems, HashBytes(statistics.key));
  statistics.problems = problems.size();
  statistics.low = interval.interval.low;
  statistics.high = interval.interval.high;
  statistics.kind = interval.kind;
  return statistics;
}

v1::Leaderboard BuildLeaderboard(const std::string& suite, const std::string& primary_metric,
                                 const std::vector<TrialGroup>& groups,
                                 const StatisticsByGroup& statistics) {
  v1::Leaderboard board;
  board.set_suite(suite);
  board.set_primary_metric(primary_metric);
  std::vector<Block> blocks = MakeBlocks(groups, statistics);
  std::vector<std::string> notes;
  for (Block& block : blocks) {
    if (block.near_zero()) {
      notes.push_back(
          absl::StrCat(blocks.size() > 1 && !block.rows.front().model().empty()
                           ? absl::StrCat(block.rows.front().model(), ": ")
                           : std::string(),
                       "scores here are near zero: they say nothing about the methods"));
    }
    for (v1::LeaderboardRow& row : block.rows) *board.add_rows() = std::move(row);
  }
  board.set_note(absl::StrJoin(notes, "\n"));
  return board;
}

}  // namespace entrobench
