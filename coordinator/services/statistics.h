// Statistics that are not sums (intervals over seeds, measures of uncertainty, paired tests between
// rows): computed in the background whenever trials end, stored with the number of samples that
// they cover, so that a leaderboard query reads trials, never samples.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/executor.h"
#include "common/mutex.h"
#include "coordinator/leaderboard/leaderboard.h"
#include "coordinator/services/changes.h"
#include "coordinator/store/reader.h"
#include "coordinator/store/store.h"
#include "entrobench/v1/leaderboard.pb.h"

namespace entrobench {

// What a suite's trials show: on its own leaderboard, and on each sweep's.
struct BoardRows {
  std::vector<TrialGroup> suite;
  std::map<uint64_t, std::vector<TrialGroup>> sweeps;
};

class Statistics {
 public:
  // Both must outlive this. `changes` is told what was computed; null: nobody looks.
  explicit Statistics(Store* store, Changes* changes = nullptr);
  ~Statistics();
  Statistics(const Statistics&) = delete;
  Statistics& operator=(const Statistics&) = delete;

  // Brings the statistics of the suite's leaderboard up to date, soon. Any thread; cheap to call
  // often: what waits already is not queued again.
  void Refresh(const std::string& suite);

  // Brings them up to date now, then calls `done` on this object's thread.
  void RefreshThen(const std::string& suite, const std::function<void()>& done);

 private:
  void Compute(const std::string& suite);
  absl::Status ComputeGroups(const std::string& suite, const BoardRows& boards);
  absl::Status CompareBlocks(const std::string& suite, const BoardRows& boards);
  absl::StatusOr<RowScores> ReadRowScores(const TrialGroup& group);

  Store* const store_;
  Changes* const changes_;
  Mutex mutex_;
  std::set<std::string> waiting_ ABSL_GUARDED_BY(mutex_);  // suites
  // The executor's thread only: what comparing rows was done with already.
  PairCache pairs_;
  std::map<std::string, std::vector<ProblemMean>> rows_;  // by RowKey
  size_t cached_problems_ = 0;                            // in rows_
  Executor executor_;  // last: its thread ends before what its tasks use
};

// A trial's samples and metrics, as statistics read them.
absl::StatusOr<TrialOutcomes> ReadOutcomes(Reader& reader, uint64_t trial_id);

// What is stored for the suite's leaderboard.
absl::StatusOr<LeaderboardKnowledge> ReadKnowledge(const std::string& suite, Reader& reader);

struct CurrentLeaderboard {
  v1::Leaderboard board;
  bool stale = false;  // statistics are missing: Statistics::Refresh would bring them
};

// The leaderboard as it is now: trials' totals, and the stored statistics where they cover them.
absl::StatusOr<CurrentLeaderboard> ReadLeaderboard(const v1::LeaderboardRequest& request,
                                                   Reader& reader);

}  // namespace entrobench
