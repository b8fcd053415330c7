#include "coordinator/leaderboard/leaderboard_keeper.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/status_macros.h"
#include "coordinator/leaderboard/leaderboard.h"
#include "coordinator/store/blocking.h"

namespace entrobench {
namespace {

// A bootstrap takes about 10 microseconds a sample: a query may wait for so many of them.
constexpr uint64_t kSamplesAtOnce = 10'000;

using TrialScores = std::vector<std::vector<SampleScore>>;

absl::StatusOr<TrialScores> ReadScores(Reader& reader, const TrialGroup& group) {
  TrialScores scores;
  for (const v1::TrialStatus& trial : group.trials) {
    EB_ASSIGN_OR_RETURN(std::vector<SampleScore> one, reader.Scores(trial.trial().id()));
    scores.push_back(std::move(one));
  }
  return scores;
}

}  // namespace

LeaderboardKeeper::LeaderboardKeeper(Store* store) : store_(store), background_("leaderboard") {}

LeaderboardKeeper::~LeaderboardKeeper() {
  stopping_ = true;
  {
    MutexLock lock(&mutex_);
    while (in_flight_ > 0) idle_.Wait(&mutex_);
  }
  background_.Stop();
  // What the background's last task began.
  MutexLock lock(&mutex_);
  while (in_flight_ > 0) idle_.Wait(&mutex_);
}

void LeaderboardKeeper::Query(v1::LeaderboardRequest request, std::string primary_metric,
                              std::function<void(absl::StatusOr<v1::Leaderboard>)> done) {
  Began();
  store_->Read([this, request = std::move(request), primary_metric = std::move(primary_metric),
                done = std::move(done)](Reader& reader) {
    done(Answer(reader, request, primary_metric));
    Ended();
  });
}

absl::StatusOr<v1::Leaderboard> LeaderboardKeeper::Answer(Reader& reader,
                                                          const v1::LeaderboardRequest& request,
                                                          const std::string& primary_metric) {
  EB_ASSIGN_OR_RETURN(std::vector<v1::TrialStatus> trials, reader.LeaderboardTrials(request));
  if (trials.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "nothing recorded for suite ", request.suite(),
        request.model().empty() ? "" : absl::StrCat(" with model ", request.model()),
        request.sweep_id() == 0 ? "" : absl::StrCat(" in sweep ", request.sweep_id())));
  }
  EB_ASSIGN_OR_RETURN(std::vector<GroupStatistics> stored, reader.LoadGroupStatistics());
  StatisticsByGroup statistics;
  for (GroupStatistics& group : stored) statistics[group.key] = std::move(group);
  const std::vector<TrialGroup> groups = GroupTrials(std::move(trials));

  uint64_t budget = kSamplesAtOnce;
  std::vector<TrialGroup> later;
  std::vector<GroupStatistics> computed;
  for (const TrialGroup& group : groups) {
    if (group.trials.size() == 1 || FindStatistics(group, statistics) != nullptr) continue;
    if (group.samples() > budget) {
      later.push_back(group);
      continue;
    }
    budget -= group.samples();
    EB_ASSIGN_OR_RETURN(const TrialScores scores, ReadScores(reader, group));
    GroupStatistics one = ComputeStatistics(group, scores);
    if (group.complete()) computed.push_back(one);
    statistics[one.key] = std::move(one);
  }
  Keep(std::move(computed));
  ComputeLater(std::move(later));
  return BuildLeaderboard(request.suite(), primary_metric, groups, statistics);
}

void LeaderboardKeeper::ComputeLater(std::vector<TrialGroup> groups) {
  for (TrialGroup& group : groups) {
    {
      MutexLock lock(&mutex_);
      if (!queued_.insert(group.Key()).second) continue;
    }
    background_.Post([this, group = std::move(group)] { ComputeOne(group); });
  }
}

void LeaderboardKeeper::ComputeOne(const TrialGroup& group) {
  if (!stopping_) {
    const absl::StatusOr<TrialScores> scores =
        ReadNow(*store_, [&](Reader& reader) { return ReadScores(reader, group); });
    if (scores.ok()) {
      Keep({ComputeStatistics(group, *scores)});
    } else {
      EB_LOG(ERROR) << "leaderboard statistics of trials " << group.Key() << ": "
                    << scores.status().message();
    }
  }
  MutexLock lock(&mutex_);
  queued_.erase(group.Key());
}

void LeaderboardKeeper::Keep(std::vector<GroupStatistics> statistics) {
  if (statistics.empty()) return;
  Began();
  store_->PutGroupStatistics(std::move(statistics), [this](const absl::Status& status) {
    if (!status.ok()) {
      EB_LOG(WARNING) << "leaderboard statistics: " << status.message();
    }
    Ended();
  });
}

void LeaderboardKeeper::Began() {
  MutexLock lock(&mutex_);
  ++in_flight_;
}

void LeaderboardKeeper::Ended() {
  MutexLock lock(&mutex_);
  if (--in_flight_ == 0) idle_.NotifyAll();
}

}  // namespace entrobench
