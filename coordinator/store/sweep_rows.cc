#include "coordinator/store/sweep_rows.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status_macros.h"

namespace entrobench {

std::string FormatTime(int64_t milliseconds) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixMillis(milliseconds),
                          absl::UTCTimeZone());
}

absl::StatusOr<v1::SweepStatus> ReadSweepStatus(Connection& db, uint64_t sweep_id) {
  v1::SweepStatus status;
  Statement sweep =
      db.Prepare("SELECT name, state, created_ms, finished_ms FROM sweeps WHERE sweep_id = ?");
  if (!sweep.Bind(sweep_id).Next()) {
    if (!sweep.status().ok()) return sweep.status();
    return absl::NotFoundError(absl::StrCat("no sweep ", sweep_id));
  }
  status.set_id(sweep_id);
  status.set_name(sweep.String(0));
  status.set_state(static_cast<v1::State>(sweep.Int(1)));
  status.set_created_at(FormatTime(sweep.Int(2)));
  if (!sweep.IsNull(3)) status.set_finished_at(FormatTime(sweep.Int(3)));

  Statement sums = db.Prepare(
      "SELECT COUNT(*), TOTAL(state = 2), TOTAL(samples), TOTAL(recorded), TOTAL(reused), "
      "TOTAL(jobs), TOTAL(jobs_done), TOTAL(jobs_failed) FROM trials WHERE sweep_id = ?");
  if (!sums.Bind(sweep_id).Next()) return sums.status();
  status.set_trials(sums.UInt(0));
  status.set_trials_done(sums.UInt(1));
  status.set_samples(sums.UInt(2));
  status.set_samples_done(sums.UInt(3));
  status.set_samples_reused(sums.UInt(4));
  status.set_jobs(sums.UInt(5));
  status.set_jobs_done(sums.UInt(6));
  status.set_jobs_failed(sums.UInt(7));
  return status;
}

absl::StatusOr<v1::TrialStatus> ReadTrial(const Statement& row) {
  v1::TrialStatus status;
  const absl::string_view spec = row.Text(0);
  if (!status.mutable_trial()->ParseFromArray(spec.data(), static_cast<int>(spec.size()))) {
    return absl::DataLossError(
        absl::StrCat("the description of trial ", row.Int(17), " in the database is damaged"));
  }
  status.mutable_trial()->set_id(row.UInt(17));
  status.mutable_trial()->set_sweep_id(row.UInt(18));
  status.set_state(static_cast<v1::State>(row.Int(1)));
  status.set_jobs(row.UInt(2));
  status.set_jobs_done(row.UInt(3));
  status.set_jobs_failed(row.UInt(4));
  v1::TrialTotals* totals = status.mutable_totals();
  totals->set_samples(row.UInt(5));
  totals->set_errors(row.UInt(6));
  totals->set_score_sum(row.Real(7));
  totals->set_score_square_sum(row.Real(8));
  totals->set_correct(row.UInt(9));
  totals->set_generated_tokens(row.UInt(10));
  totals->set_prompt_tokens(row.UInt(11));
  totals->set_entropy_sum(row.Real(12));
  totals->set_confidence_sum(row.Real(13));
  totals->set_confidence_count(row.UInt(14));
  totals->set_seconds_sum(row.Real(15));
  totals->set_reused(row.UInt(16));
  return status;
}

absl::StatusOr<std::vector<v1::TrialStatus>> ReadTrials(Connection& db, uint64_t sweep_id) {
  std::vector<v1::TrialStatus> trials;
  Statement rows = db.Prepare(
      absl::StrCat("SELECT ", kTrialColumns, " FROM trials WHERE sweep_id = ? ORDER BY trial_id"));
  rows.Bind(sweep_id);
  while (rows.Next()) {
    EB_ASSIGN_OR_RETURN(v1::TrialStatus trial, ReadTrial(rows));
    trials.push_back(std::move(trial));
  }
  EB_RETURN_IF_ERROR(rows.status());
  return trials;
}

}  // namespace entrobench
