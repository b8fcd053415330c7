// What can be asked of the store. A Reader is one read-only connection; Store::Read lends one to a
// task. Within a task every answer comes from the same snapshot, which holds everything that was
// committed (hence everything acknowledged) before the task began.
//
// Not for two threads at once. NotFound names what is not there; any other error carries SQLite's
// message.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/records.h"
#include "entrobench/v1/entrobench.pb.h"

namespace entrobench {

class Connection;

class Reader {
 public:
  explicit Reader(Connection* connection) : db_(connection) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Sweeps. `jobs_running`, `workers` and `note` of a status are the scheduler's to fill.
  absl::StatusOr<std::vector<v1::SweepStatus>> ListSweeps();  // newest first
  absl::StatusOr<v1::SweepStatus> GetSweepStatus(uint64_t sweep_id);
  absl::StatusOr<v1::GetSweepReply> GetSweep(uint64_t sweep_id);
  absl::StatusOr<v1::TrialStatus> GetTrial(uint64_t trial_id);
  absl::StatusOr<std::vector<RestartSweep>> UnfinishedSweeps();  // with all their trials, by id
  absl::StatusOr<RestartState> LoadForRestart();  // those, with their open jobs and leases

  // Samples.
  absl::StatusOr<std::vector<uint64_t>> ExistingSamples(uint64_t trial_id, SampleRange range);
  absl::StatusOr<v1::ListSamplesReply> ListSamples(const v1::ListSamplesRequest& request);
  absl::StatusOr<v1::GetSampleReply> GetSample(uint64_t trial_id, uint64_t sample_id);
  // The next rows of the sweep, at most `limit`, by trial and sample; none: the end. Call it in a
  // new Read task for each page, so that a slow client pins no snapshot.
  absl::StatusOr<std::vector<v1::ExportRow>> Export(uint64_t sweep_id, bool with_payload,
                                                    uint32_t limit, ExportCursor* cursor);
  // The points of each series, by step; of every curve when none is named (see common/series.h).
  absl::StatusOr<v1::ListPointsReply> ListPoints(const v1::ListPointsRequest& request);

  // One trial in numbers.
  absl::StatusOr<std::vector<SampleOutcome>> Outcomes(uint64_t trial_id);  // by sample id
  // Of one of the samples' further metrics, by sample id; samples without it are left out.
  absl::StatusOr<std::vector<std::pair<uint64_t, double>>> MetricValues(uint64_t trial_id,
                                                                        absl::string_view metric);
  absl::StatusOr<std::map<std::string, double>> MeanMetrics(uint64_t trial_id);
  // Its groups of samples, by name, without intervals.
  absl::StatusOr<std::vector<v1::Breakdown>> Breakdowns(uint64_t trial_id);
  // The series that are curves.
  absl::StatusOr<std::vector<std::string>> SeriesNames(uint64_t trial_id);
  // What was said of the whole trial, by name without the prefix.
  absl::StatusOr<std::map<std::string, double>> Summaries(uint64_t trial_id);

  // Leaderboard.
  // Trials of the suite (and model, and sweep) that have samples, by id.
  absl::StatusOr<std::vector<v1::TrialStatus>> LeaderboardTrials(
      const v1::LeaderboardRequest& request);
  absl::StatusOr<std::map<uint64_t, TrialFacts>> LeaderboardFacts(absl::string_view suite);
  absl::StatusOr<std::vector<GroupStatistics>> LoadGroupStatistics(absl::string_view suite);
  absl::StatusOr<std::vector<RowComparisons>> LoadRowComparisons(absl::string_view suite);

  // Baselines and gates.
  absl::StatusOr<std::vector<v1::Baseline>> ListBaselines();  // by name
  absl::StatusOr<std::vector<v1::GateReport>> ListGates(
      const v1::ListGatesRequest& request);  // newest first

  // Catalogue, workers, files.
  absl::StatusOr<Catalogue> LoadCatalogue();
  absl::StatusOr<std::vector<v1::WorkerStatus>> ListWorkers();  // as last heard; never `connected`
  absl::StatusOr<ArtifactRecord> GetArtifact(absl::string_view digest);
  absl::StatusOr<uint64_t> CountSamples();  // recorded in all, from the trials' totals
  absl::StatusOr<uint64_t> CountSweeps();

 private:
  Connection* const db_;
};

}  // namespace entrobench
