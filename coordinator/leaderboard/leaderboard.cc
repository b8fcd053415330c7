#include "coordinator/leaderboard/leaderboard.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/value.h"
#include "coordinator/leaderboard/cluster_bootstrap.h"
#include "coordinator/leaderboard/interval.h"
#include "coordinator/leaderboard/rank_groups.h"

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

void AddStatistics(const TrialGroup& group, const StatisticsByGroup& statistics,
                   v1::LeaderboardRow* row) {
  const GroupStatistics* known = FindStatistics(group, statistics);
  const auto samples = static_cast<double>(row->samples());
  if (group.trials.size() == 1) {
    SetInterval(WilsonInterval(row->score(), samples), kWilson, row);
  } else if (known != nullptr) {
    SetInterval({known->low, known->high}, known->kind, row);
    row->set_problems(known->problems);
  } else {
    SetInterval(WilsonInterval(row->score(), samples), kProvisional, row);
  }
  if (known != nullptr) row->MergeFrom(known->details);
}

void AddFacts(const TrialGroup& group, const std::map<uint64_t, TrialFacts>& facts,
              v1::LeaderboardRow* row) {
  std::set<std::string> sweeps;
  std::string finished_at;
  bool all_ended = true;
  for (const v1::TrialStatus& trial : group.trials) {
    const auto found = facts.find(trial.trial().id());
    if (found == facts.end()) return;
    sweeps.insert(found->second.sweep_name);
    all_ended = all_ended && !found->second.finished_at.empty();
    finished_at = std::max(finished_at, found->second.finished_at);
  }
  for (const std::string& sweep : sweeps) row->add_sweeps(sweep);
  if (all_ended) row->set_finished_at(finished_at);
}

}  // namespace

v1::LeaderboardRow BuildRow(const TrialGroup& group, const LeaderboardKnowledge& known) {
  v1::LeaderboardRow row;
  const v1::Trial& first = group.trials.front().trial();
  *row.mutable_method() = first.method();
  row.set_model(first.model().name());
  row.set_model_digest(first.model().digest());
  row.set_suite(first.suite().id());
  row.set_suite_digest(first.suite().digest());
  row.set_suite_options(CanonicalParams(first.suite().options()));
  row.set_deterministic(first.deterministic());
  row.set_approximation(first.approximation());
  row.set_family(first.suite().family());
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
  AddStatistics(group, known.statistics, &row);
  AddFacts(group, known.facts, &row);
  return row;
}

namespace {

struct RankedRow {
  v1::LeaderboardRow row;
  std::string key;  // RowKey
};

// Rows that are compared with each other.
struct Block {
  std::vector<RankedRow> rows;  // best first
  std::set<uint64_t> sweeps;    // of their trials

  double best() const { return rows.front().row.score(); }
  bool near_zero() const {
    return std::all_of(rows.begin(), rows.end(), [](const RankedRow& one) {
      return one.row.score_interval().high() < kNearZero;
    });
  }
};

bool IntervalsApart(const v1::LeaderboardRow& better, const v1::LeaderboardRow& row) {
  return row.score_interval().high() < better.score_interval().low();
}

// The suite's comparisons where it has these rows, else those of the one sweep that they are of.
std::optional<bool> PairsApart(const ToldApart& told_apart, const std::string& key,
                               const Block& block, size_t a, size_t b) {
  const auto apart = [&](const std::string& in) {
    return told_apart.Apart(in, block.rows[a].key, block.rows[b].key);
  };
  const std::optional<bool> known = apart(key);
  if (known.has_value() || block.sweeps.size() != 1) return known;
  return apart(SweepBlockKey(key, *block.sweeps.begin()));
}

void RankBlock(const std::string& key, const ToldApart& told_apart, Block* block) {
  std::vector<RankedRow>& rows = block->rows;
  std::stable_sort(rows.begin(), rows.end(), [](const RankedRow& a, const RankedRow& b) {
    return a.row.score() > b.row.score();
  });
  const std::vector<uint32_t> groups = RankGroups(rows.size(), [&](size_t opener, size_t row) {
    return PairsApart(told_apart, key, *block, opener, row)
        .value_or(IntervalsApart(rows[opener].row, rows[row].row));
  });
  for (size_t i = 0; i < rows.size(); ++i) rows[i].row.set_group(groups[i]);
}

std::vector<Block> MakeBlocks(const std::vector<TrialGroup>& groups,
                              const LeaderboardKnowledge& known) {
  std::map<std::string, Block> by_key;
  for (const TrialGroup& group : groups) {
    Block& block = by_key[BlockKey(group.trials.front().trial())];
    block.rows.push_back({BuildRow(group, known), RowKey(group)});
    for (const v1::TrialStatus& trial : group.trials) block.sweeps.insert(trial.trial().sweep_id());
  }
  std::vector<Block> blocks;
  for (auto& [key, block] : by_key) {
    RankBlock(key, known.told_apart, &block);
    blocks.push_back(std::move(block));
  }
  std::stable_sort(blocks.begin(), blocks.end(),
                   [](const Block& a, const Block& b) { return a.best() > b.best(); });
  return blocks;
}

}  // namespace

v1::Leaderboard BuildLeaderboard(const std::string& suite, const std::string& primary_metric,
                                 const std::vector<TrialGroup>& groups,
                                 const LeaderboardKnowledge& known) {
  v1::Leaderboard board;
  board.set_suite(suite);
  board.set_primary_metric(primary_metric);
  std::vector<Block> blocks = MakeBlocks(groups, known);
  std::vector<std::string> notes;
  for (Block& block : blocks) {
    if (block.near_zero()) {
      notes.push_back(
          absl::StrCat(blocks.size() > 1 && !block.rows.front().row.model().empty()
                           ? absl::StrCat(block.rows.front().row.model(), ": ")
                           : std::string(),
                       "scores here are near zero: they say nothing about the methods"));
    }
    for (RankedRow& one : block.rows) *board.add_rows() = std::move(one.row);
  }
  board.set_note(absl::StrJoin(notes, "\n"));
  return board;
}

}  // namespace entrobench
