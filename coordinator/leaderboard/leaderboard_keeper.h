// Answers leaderboard queries from the store, and keeps the statistics that are no sums (the
// bootstrap over seeds) computed in the background.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "common/executor.h"
#include "common/mutex.h"
#include "coordinator/leaderboard/trial_group.h"
#include "coordinator/store/store.h"
#include "entrobench/v1/leaderboard.pb.h"

namespace entrobench {

class LeaderboardKeeper {
 public:
  // `store` must outlive this.
  explicit LeaderboardKeeper(Store* store);
  ~LeaderboardKeeper();  // waits for queries in flight; gives up what the background has left to do
  LeaderboardKeeper(const LeaderboardKeeper&) = delete;
  LeaderboardKeeper& operator=(const LeaderboardKeeper&) = delete;

  // Returns at once; `done` comes on a thread of the store. Reads trials, not samples, except that
  // missing statistics of few samples are computed for this answer. When they are of many, the
  // answer has provisional intervals (see kProvisional) and the background starts on them.
  // NotFound: nothing was recorded for the suite (and model, and sweep).
  void Query(v1::LeaderboardRequest request, std::string primary_metric,
             std::function<void(absl::StatusOr<v1::Leaderboard>)> done);

 private:
  absl::StatusOr<v1::Leaderboard> Answer(Reader& reader, const v1::LeaderboardRequest& request,
                                         const std::string& primary_metric);
  void ComputeLater(std::vector<TrialGroup> groups);
  void ComputeOne(const TrialGroup& group);
  void Keep(std::vector<GroupStatistics> statistics);
  void Began();
  void Ended();

  Store* const store_;
  Mutex mutex_;
  CondVar idle_;
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;  // calls of the store that will still touch this
  absl::flat_hash_set<std::string> queued_ ABSL_GUARDED_BY(mutex_);  // groups, by key
  std::atomic<bool> stopping_{false};
  Executor background_;
};

}  // namespace entrobench
