// What statistics are computed from, and what was computed.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/series.h"
#include "common/status_macros.h"
#include "coordinator/store/reader.h"
#include "coordinator/store/sqlite.h"
#include "coordinator/store/sweep_rows.h"

namespace entrobench {

absl::StatusOr<v1::ListPointsReply> Reader::ListPoints(const v1::ListPointsRequest& request) {
  std::vector<std::string> names(request.series().begin(), request.series().end());
  if (names.empty()) {
    EB_ASSIGN_OR_RETURN(names, SeriesNames(request.trial_id()));
  }
  v1::ListPointsReply reply;
  for (const std::string& name : names) {
    Statement rows = db_->Prepare(
        "SELECT step, value FROM points WHERE trial_id = ? AND series = ? AND step > ? "
        "ORDER BY step");
    rows.Bind(request.trial_id(), name,
              request.after() ? static_cast<int64_t>(request.after_step()) : -1);
    v1::Series* series = reply.add_series();
    series->set_name(name);
    while (rows.Next()) {
      series->add_step(rows.UInt(0));
      series->add_value(rows.Real(1));
    }
    EB_RETURN_IF_ERROR(rows.status());
  }
  return reply;
}

absl::StatusOr<std::vector<SampleOutcome>> Reader::Outcomes(uint64_t trial_id) {
  std::vector<SampleOutcome> outcomes;
  Statement rows = db_->Prepare(
      "SELECT sample_id, score, answer, breakdown, error != '', "
      "COALESCE(uncertainty, 1 - confidence), generated_tokens, mean_entropy, mean_logprob "
      "FROM samples WHERE trial_id = ? ORDER BY sample_id");
  rows.Bind(trial_id);
  while (rows.Next()) {
    SampleOutcome& outcome = outcomes.emplace_back();
    outcome.sample_id = rows.UInt(0);
    outcome.score = rows.Real(1);
    outcome.answer = rows.String(2);
    outcome.group = rows.String(3);
    outcome.error = rows.Int(4) != 0;
    if (!rows.IsNull(5)) outcome.uncertainty = rows.Real(5);
    outcome.generated_tokens = rows.UInt(6);
    outcome.mean_entropy = rows.Real(7);
    outcome.mean_logprob = rows.Real(8);
  }
  EB_RETURN_IF_ERROR(rows.status());
  return outcomes;
}

absl::StatusOr<std::vector<std::pair<uint64_t, double>>> Reader::MetricValues(
    uint64_t trial_id, absl::string_view metric) {
  std::vector<std::pair<uint64_t, double>> values;
  Statement rows = db_->Prepare(
      "SELECT sample_id, e.value FROM samples, json_each(samples.metrics) e "
      "WHERE trial_id = ? AND e.key = ? ORDER BY sample_id");
  rows.Bind(trial_id, metric);
  while (rows.Next()) values.emplace_back(rows.UInt(0), rows.Real(1));
  EB_RETURN_IF_ERROR(rows.status());
  return values;
}

absl::StatusOr<std::map<std::string, double>> Reader::MeanMetrics(uint64_t trial_id) {
  std::map<std::string, double> means;
  Statement rows = db_->Prepare(
      "SELECT e.key, AVG(e.value) FROM samples, json_each(samples.metrics) e "
      "WHERE trial_id = ? AND samples.metrics IS NOT NULL GROUP BY e.key");
  rows.Bind(trial_id);
  while (rows.Next()) means[rows.String(0)] = rows.Real(1);
  EB_RETURN_IF_ERROR(rows.status());
  return means;
}

absl::StatusOr<std::vector<v1::Breakdown>> Reader::Breakdowns(uint64_t trial_id) {
  std::vector<v1::Breakdown> groups;
  Statement rows = db_->Prepare(
      "SELECT breakdown, COUNT(*), AVG(score), AVG(mean_entropy), AVG(generated_tokens) "
      "FROM samples WHERE trial_id = ? GROUP BY breakdown ORDER BY breakdown");
  rows.Bind(trial_id);
  while (rows.Next()) {
    v1::Breakdown& group = groups.emplace_back();
    group.set_group(rows.String(0));
    group.set_samples(rows.UInt(1));
    group.set_score(rows.Real(2));
    group.set_mean_entropy(rows.Real(3));
    group.set_tokens(rows.Real(4));
  }
  EB_RETURN_IF_ERROR(rows.status());
  return groups;
}

absl::StatusOr<std::vector<std::string>> Reader::SeriesNames(uint64_t trial_id) {
  std::vector<std::string> names;
  Statement rows =
      db_->Prepare("SELECT DISTINCT series FROM points WHERE trial_id = ? ORDER BY series");
  rows.Bind(trial_id);
  while (rows.Next()) {
    if (!SummaryName(rows.Text(0)).has_value()) names.push_back(rows.String(0));
  }
  EB_RETURN_IF_ERROR(rows.status());
  return names;
}

absl::StatusOr<std::map<std::string, double>> Reader::Summaries(uint64_t trial_id) {
  std::map<std::string, double> summaries;
  Statement rows = db_->Prepare(
      "SELECT series, value FROM points WHERE trial_id = ? AND series >= ? AND step = 0 "
      "ORDER BY series");
  rows.Bind(trial_id, kSummaryPrefix);
  while (rows.Next()) {
    const std::optional<absl::string_view> name = SummaryName(rows.Text(0));
    if (!name.has_value()) break;  // behind the last one
    summaries[std::string(*name)] = rows.Real(1);
  }
  EB_RETURN_IF_ERROR(rows.status());
  return summaries;
}

absl::StatusOr<std::vector<v1::TrialStatus>> Reader::LeaderboardTrials(
    const v1::LeaderboardRequest& request) {
  std::vector<v1::TrialStatus> trials;
  Statement rows = db_->Prepare(
      absl::StrCat("SELECT ", kTrialColumns,
                   " FROM trials WHERE suite = ?1 AND recorded > 0 AND (?2 = '' OR model = ?2) "
                   "AND (?3 = 0 OR sweep_id = ?3) ORDER BY trial_id"));
  rows.Bind(request.suite(), request.model(), request.sweep_id());
  while (rows.Next()) {
    EB_ASSIGN_OR_RETURN(v1::TrialStatus trial, ReadTrial(rows));
    trials.push_back(std::move(trial));
  }
  EB_RETURN_IF_ERROR(rows.status());
  return trials;
}

absl::StatusOr<std::map<uint64_t, TrialFacts>> Reader::LeaderboardFacts(absl::string_view suite) {
  std::map<uint64_t, TrialFacts> facts;
  // A trial of an older schema has no time of its own.
  Statement rows = db_->Prepare(
      "SELECT trial_id, name, CASE WHEN trials.state = 1 THEN NULL "
      "ELSE COALESCE(trials.finished_ms, sweeps.finished_ms) END "
      "FROM trials JOIN sweeps USING (sweep_id) WHERE suite = ? AND recorded > 0");
  rows.Bind(suite);
  while (rows.Next()) {
    facts[rows.UInt(0)] = {rows.String(1), rows.IsNull(2) ? "" : FormatTime(rows.Int(2))};
  }
  EB_RETURN_IF_ERROR(rows.status());
  return facts;
}

absl::StatusOr<std::vector<GroupStatistics>> Reader::LoadGroupStatistics(absl::string_view suite) {
  std::vector<GroupStatistics> all;
  Statement rows = db_->Prepare(
      "SELECT trial_ids, suite, version, samples_covered, problems, low, high, kind, details "
      "FROM group_statistics WHERE suite = ?");
  rows.Bind(suite);
  while (rows.Next()) {
    GroupStatistics& group = all.emplace_back();
    group.key = rows.String(0);
    group.suite = rows.String(1);
    group.version = rows.Int(2);
    group.samples_covered = rows.UInt(3);
    group.problems = rows.UInt(4);
    group.low = rows.Real(5);
    group.high = rows.Real(6);
    group.kind = rows.String(7);
    const absl::string_view details = rows.Text(8);
    if (!group.details.ParseFromArray(details.data(), static_cast<int>(details.size()))) {
      return absl::DataLossError(
          absl::StrCat("the statistics of trials ", group.key, " in the database are damaged"));
    }
  }
  EB_RETURN_IF_ERROR(rows.status());
  return all;
}

absl::StatusOr<std::vector<RowComparisons>> Reader::LoadRowComparisons(absl::string_view suite) {
  std::vector<RowComparisons> blocks;
  Statement rows =
      db_->Prepare("SELECT block, suite, row_keys, apart FROM row_comparisons WHERE suite = ?");
  rows.Bind(suite);
  while (rows.Next()) {
    blocks.push_back(
        {rows.String(0), rows.String(1), absl::StrSplit(rows.Text(2), '\n'), rows.String(3)});
  }
  EB_RETURN_IF_ERROR(rows.status());
  return blocks;
}

}  // namespace entrobench
