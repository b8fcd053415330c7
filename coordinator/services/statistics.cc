#include "coordinator/services/statistics.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/nearest.h"
#include "common/status_macros.h"
#include "coordinator/leaderboard/leaderboard.h"
#include "coordinator/leaderboard/trial_group.h"
#include "coordinator/services/catalogue.h"
#include "coordinator/store/blocking.h"

namespace entrobench {
namespace {

// A trial may end many times a second: one pass serves them all.
constexpr absl::Duration kPause = absl::Milliseconds(300);

// A pair's test is small, its key some 60 bytes: enough for the pairs of a few large blocks.
constexpr size_t kMostCachedPairs = 200'000;
// 24 bytes each. Without it every row that is finished would have all the others read again.
constexpr size_t kMostCachedProblems = 500'000;

// What is said of the suite; NotFound with the nearest name for one that nobody knows.
absl::StatusOr<v1::SuiteInfo> FindSuite(const std::string& suite, Reader& reader) {
  EB_ASSIGN_OR_RETURN(const Catalogue catalogue, reader.LoadCatalogue());
  std::vector<std::string> ids;
  for (const v1::SuiteInfo& info : CurrentCatalog(catalogue).suites) {
    if (info.id() == suite) return info;
    ids.push_back(info.id());
  }
  return absl::NotFoundError(absl::StrCat("unknown suite '", suite, "'", Suggestion(suite, ids)));
}

absl::StatusOr<ToldApart> ReadToldApart(const std::string& suite, Reader& reader) {
  EB_ASSIGN_OR_RETURN(std::vector<RowComparisons> compared, reader.LoadRowComparisons(suite));
  return ToldApart(std::move(compared));
}

using RowsByBlock = std::map<std::string, std::vector<const TrialGroup*>>;

RowsByBlock CompleteRows(const std::vector<TrialGroup>& rows) {
  RowsByBlock blocks;
  for (const TrialGroup& group : rows) {
    if (group.complete()) blocks[BlockKey(group.trials.front().trial())].push_back(&group);
  }
  return blocks;
}

// The blocks of the suite's leaderboard, and those of sweeps' own that show other rows.
RowsByBlock BlocksToCompare(const BoardRows& boards) {
  RowsByBlock blocks = CompleteRows(boards.suite);
  std::set<std::string> shown;
  for (const auto& [key, rows] : blocks) {
    for (const TrialGroup* group : rows) shown.insert(RowKey(*group));
  }
  for (const auto& [sweep, of_sweep] : boards.sweeps) {
    for (auto& [key, rows] : CompleteRows(of_sweep)) {
      const bool other = std::any_of(rows.begin(), rows.end(), [&](const TrialGroup* group) {
        return !shown.contains(RowKey(*group));
      });
      if (other) blocks[SweepBlockKey(key, sweep)] = std::move(rows);
    }
  }
  return blocks;
}

// The rows of all boards, each once.
std::vector<const TrialGroup*> DistinctRows(const BoardRows& boards) {
  std::vector<const TrialGroup*> rows;
  std::set<std::string> keys;
  const auto add = [&](const std::vector<TrialGroup>& groups) {
    for (const TrialGroup& group : groups) {
      if (keys.insert(group.Key()).second) rows.push_back(&group);
    }
  };
  add(boards.suite);
  for (const auto& [sweep, of_sweep] : boards.sweeps) add(of_sweep);
  return rows;
}

BoardRows RowsOfBoards(const std::vector<v1::TrialStatus>& trials) {
  std::map<uint64_t, std::vector<v1::TrialStatus>> by_sweep;
  for (const v1::TrialStatus& trial : trials) by_sweep[trial.trial().sweep_id()].push_back(trial);
  BoardRows boards;
  boards.suite = GroupTrials(trials);
  for (auto& [sweep, of_sweep] : by_sweep) boards.sweeps[sweep] = GroupTrials(std::move(of_sweep));
  return boards;
}

}  // namespace

Statistics::Statistics(Store* store, Changes* changes)
    : store_(store), changes_(changes), executor_("statistics") {}
Statistics::~Statistics() { executor_.Stop(); }

void Statistics::Refresh(const std::string& suite) {
  {
    MutexLock lock(&mutex_);
    if (!waiting_.insert(suite).second) return;
  }
  executor_.PostAfter(kPause, [this, suite] {
    {
      MutexLock lock(&mutex_);
      waiting_.erase(suite);
    }
    Compute(suite);
  });
}

void Statistics::RefreshThen(const std::string& suite, const std::function<void()>& done) {
  executor_.Post([this, suite, done] {
    Compute(suite);
    done();
  });
}

void Statistics::Compute(const std::string& suite) {
  v1::LeaderboardRequest request;
  request.set_suite(suite);
  const auto trials =
      ReadNow(*store_, [&](Reader& reader) { return reader.LeaderboardTrials(request); });
  absl::Status status = trials.status();
  if (status.ok()) {
    const BoardRows boards = RowsOfBoards(*trials);
    status = ComputeGroups(suite, boards);
    if (status.ok()) status = CompareBlocks(suite, boards);
  }
  if (!status.ok()) EB_LOG(ERROR) << "no statistics of " << suite << ": " << status.message();
}

absl::Status Statistics::ComputeGroups(const std::string& suite, const BoardRows& boards) {
  EB_ASSIGN_OR_RETURN(const LeaderboardKnowledge known, ReadNow(*store_, [&](Reader& reader) {
                        return ReadKnowledge(suite, reader);
                      }));
  std::vector<GroupStatistics> computed;
  for (const TrialGroup* group : DistinctRows(boards)) {
    if (!group->complete() || FindStatistics(*group, known.statistics) != nullptr) continue;
    std::vector<TrialOutcomes> trials;
    for (const v1::TrialStatus& trial : group->trials) {
      EB_ASSIGN_OR_RETURN(TrialOutcomes outcomes, ReadNow(*store_, [&](Reader& reader) {
                            return ReadOutcomes(reader, trial.trial().id());
                          }));
      trials.push_back(std::move(outcomes));
    }
    computed.push_back(ComputeStatistics(*group, trials));
  }
  if (computed.empty()) return absl::OkStatus();
  EB_RETURN_IF_ERROR(WaitFor<absl::Status>([&](const std::function<void(absl::Status)>& done) {
    store_->PutGroupStatistics(std::move(computed), done);
  }));
  if (changes_ != nullptr) changes_->TellSuite(suite);
  return absl::OkStatus();
}

absl::Status Statistics::CompareBlocks(const std::string& suite, const BoardRows& boards) {
  const RowsByBlock blocks = BlocksToCompare(boards);
  EB_ASSIGN_OR_RETURN(const ToldApart known, ReadNow(*store_, [&](Reader& reader) {
                        return ReadToldApart(suite, reader);
                      }));
  std::vector<RowComparisons> compared;
  for (const auto& [key, rows] : blocks) {
    std::vector<std::string> row_keys;
    for (const TrialGroup* group : rows) row_keys.push_back(RowKey(*group));
    if (rows.size() > kMostComparedRows || known.Covers(key, row_keys)) continue;
    std::vector<RowScores> scores;
    for (const TrialGroup* group : rows) {
      EB_ASSIGN_OR_RETURN(RowScores row, ReadRowScores(*group));
      scores.push_back(std::move(row));
    }
    if (pairs_.size() > kMostCachedPairs) pairs_.clear();
    compared.push_back(CompareRows(key, suite, scores, &pairs_));
  }
  if (compared.empty()) return absl::OkStatus();
  EB_RETURN_IF_ERROR(WaitFor<absl::Status>([&](const std::function<void(absl::Status)>& done) {
    store_->PutRowComparisons(std::move(compared), done);
  }));
  if (changes_ != nullptr) changes_->TellSuite(suite);
  return absl::OkStatus();
}

absl::StatusOr<RowScores> Statistics::ReadRowScores(const TrialGroup& group) {
  const std::string key = RowKey(group);
  if (const auto known = rows_.find(key); known != rows_.end())
    return RowScores{key, known->second};
  std::vector<std::pair<uint64_t, double>> runs;
  for (const v1::TrialStatus& trial : group.trials) {
    EB_ASSIGN_OR_RETURN(
        const std::vector<SampleOutcome> samples,
        ReadNow(*store_, [&](Reader& reader) { return reader.Outcomes(trial.trial().id()); }));
    for (const SampleOutcome& sample : samples) runs.emplace_back(sample.sample_id, sample.score);
  }
  RowScores row{key, MeansByProblem(std::move(runs))};
  if (cached_problems_ > kMostCachedProblems) {
    rows_.clear();
    cached_problems_ = 0;
  }
  cached_problems_ += row.problems.size();
  rows_[key] = row.problems;
  return row;
}

absl::StatusOr<TrialOutcomes> ReadOutcomes(Reader& reader, uint64_t trial_id) {
  TrialOutcomes outcomes;
  EB_ASSIGN_OR_RETURN(outcomes.samples, reader.Outcomes(trial_id));
  EB_ASSIGN_OR_RETURN(outcomes.metrics, reader.MeanMetrics(trial_id));
  EB_ASSIGN_OR_RETURN(const auto summaries, reader.Summaries(trial_id));
  for (const auto& [name, value] : summaries) outcomes.metrics[name] = value;
  return outcomes;
}

absl::StatusOr<LeaderboardKnowledge> ReadKnowledge(const std::string& suite, Reader& reader) {
  LeaderboardKnowledge known;
  EB_ASSIGN_OR_RETURN(std::vector<GroupStatistics> all, reader.LoadGroupStatistics(suite));
  for (GroupStatistics& statistics : all) {
    std::string key = statistics.key;
    known.statistics[std::move(key)] = std::move(statistics);
  }
  EB_ASSIGN_OR_RETURN(known.told_apart, ReadToldApart(suite, reader));
  EB_ASSIGN_OR_RETURN(known.facts, reader.LeaderboardFacts(suite));
  return known;
}

absl::StatusOr<CurrentLeaderboard> ReadLeaderboard(const v1::LeaderboardRequest& request,
                                                   Reader& reader) {
  EB_ASSIGN_OR_RETURN(const v1::SuiteInfo suite, FindSuite(request.suite(), reader));
  EB_ASSIGN_OR_RETURN(std::vector<v1::TrialStatus> trials, reader.LeaderboardTrials(request));
  EB_ASSIGN_OR_RETURN(const LeaderboardKnowledge known, ReadKnowledge(request.suite(), reader));
  const std::vector<TrialGroup> groups = GroupTrials(std::move(trials));
  CurrentLeaderboard current;
  for (const TrialGroup& group : groups) {
    current.stale |= group.complete() && FindStatistics(group, known.statistics) == nullptr;
  }
  current.board = BuildLeaderboard(suite.id(), suite.primary_metric(), groups, known);
  *current.board.mutable_metrics() = suite.metrics();
  return current;
}

}  // namespace entrobench
