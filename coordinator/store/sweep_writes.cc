#include "coordinator/store/sweep_writes.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/store/job_rows.h"
#include "coordinator/store/sweep_rows.h"

namespace entrobench {
namespace {

absl::StatusOr<uint64_t> InsertTrial(Connection& db, const v1::Trial& trial, uint64_t sweep_id) {
  const std::string spec = trial.SerializeAsString();
  EB_RETURN_IF_ERROR(db.Prepare("INSERT INTO trials (sweep_id, suite, model, cell, samples, state, "
                                "spec) VALUES (?, ?, ?, ?, ?, ?, ?)")
                         .Bind(sweep_id, trial.suite().id(), trial.model().name(), trial.cell(),
                               trial.samples(), v1::STATE_RUNNING, Blob{spec})
                         .Run());
  return static_cast<uint64_t>(db.last_insert_id());
}

// Earlier trials of the cell, the newest first.
absl::StatusOr<std::vector<uint64_t>> EarlierTrials(Connection& db, const v1::Trial& trial,
                                                    uint64_t sweep_id) {
  std::vector<uint64_t> ids;
  Statement rows = db.Prepare(
      "SELECT trial_id FROM trials WHERE cell = ? AND cell != '' AND sweep_id != ? "
      "ORDER BY trial_id DESC");
  rows.Bind(trial.cell(), sweep_id);
  while (rows.Next()) ids.push_back(rows.UInt(0));
  EB_RETURN_IF_ERROR(rows.status());
  return ids;
}

// Copies what is missing; payloads are shared, not copied. Returns how many samples came over.
absl::StatusOr<uint64_t> TakeSamples(Connection& db, const v1::Trial& trial, uint64_t source) {
  EB_RETURN_IF_ERROR(
      db.Prepare(
            "INSERT INTO samples (trial_id, sample_id, score, job_id, epoch, reused_from, "
            "recorded_ms, confidence, mean_entropy, mean_logprob, prompt_tokens, generated_tokens, "
            "branches, seconds, breakdown, answer, error, metrics, payload_id, uncertainty) "
            "SELECT ?, sample_id, score, job_id, epoch, COALESCE(reused_from, trial_id), "
            "recorded_ms, confidence, mean_entropy, mean_logprob, prompt_tokens, generated_tokens, "
            "branches, seconds, breakdown, answer, error, metrics, payload_id, uncertainty "
            "FROM samples "
            "WHERE trial_id = ? AND sample_id < ? AND error = '' "
            "ON CONFLICT (trial_id, sample_id) DO NOTHING")
          .Bind(trial.id(), source, trial.samples())
          .Run());
  return static_cast<uint64_t>(db.changes());
}

// A run of an ordered suite is one stream of samples with points about it: of another length it is
// another stream, samples of two runs do not fit together, and a run that went wrong in between is
// not worth building on. So the newest whole one is taken, or none. Returns how many samples came.
absl::StatusOr<uint64_t> TakeOrderedRun(Connection& db, const v1::Trial& trial,
                                        const std::vector<uint64_t>& sources) {
  for (const uint64_t source : sources) {
    Statement whole = db.Prepare(
        "SELECT COUNT(*) FROM trials WHERE trial_id = ?1 AND state = ?2 AND samples = ?3 AND "
        "(SELECT COUNT(*) FROM samples WHERE trial_id = ?1 AND error = '') = ?3");
    if (!whole.Bind(source, v1::STATE_DONE, trial.samples()).Next()) return whole.status();
    if (whole.UInt(0) == 0) continue;
    EB_RETURN_IF_ERROR(db.Prepare("INSERT INTO points (trial_id, series, step, value) "
                                  "SELECT ?, series, step, value FROM points WHERE trial_id = ?")
                           .Bind(trial.id(), source)
                           .Run());
    return TakeSamples(db, trial, source);
  }
  return 0;
}

absl::StatusOr<uint64_t> TakeAnySamples(Connection& db, const v1::Trial& trial,
                                        const std::vector<uint64_t>& sources) {
  uint64_t taken = 0;
  for (const uint64_t source : sources) {
    if (taken == trial.samples()) break;
    EB_ASSIGN_OR_RETURN(const uint64_t more, TakeSamples(db, trial, source));
    taken += more;
  }
  return taken;
}

absl::Status TakeOver(Connection& db, const v1::Trial& trial) {
  EB_ASSIGN_OR_RETURN(const std::vector<uint64_t> sources,
                      EarlierTrials(db, trial, trial.sweep_id()));
  EB_ASSIGN_OR_RETURN(const uint64_t taken, trial.suite().ordered()
                                                ? TakeOrderedRun(db, trial, sources)
                                                : TakeAnySamples(db, trial, sources));
  if (taken == 0) return absl::OkStatus();
  return db
      .Prepare(
          "UPDATE trials SET (recorded, errors, score_sum, score_square_sum, correct, "
          "generated_tokens, prompt_tokens, entropy_sum, confidence_sum, confidence_count, "
          "seconds_sum, reused) = (SELECT COUNT(*), 0, TOTAL(score), TOTAL(score * score), "
          "CAST(TOTAL(score >= 1) AS INTEGER), CAST(TOTAL(generated_tokens) AS INTEGER), "
          "CAST(TOTAL(prompt_tokens) AS INTEGER), TOTAL(mean_entropy), TOTAL(confidence), "
          "COUNT(confidence), TOTAL(seconds), COUNT(*) FROM samples WHERE trial_id = ?1) "
          "WHERE trial_id = ?1")
      .Bind(trial.id())
      .Run();
}

absl::StatusOr<std::vector<uint64_t>> SampleIds(Connection& db, uint64_t trial_id) {
  std::vector<uint64_t> ids;
  Statement rows =
      db.Prepare("SELECT sample_id FROM samples WHERE trial_id = ? ORDER BY sample_id");
  rows.Bind(trial_id);
  while (rows.Next()) ids.push_back(rows.UInt(0));
  EB_RETURN_IF_ERROR(rows.status());
  return ids;
}

// A cut that loses a sample, or runs one twice, must not get into the database.
absl::Status CheckCut(const v1::Trial& trial, const std::vector<uint64_t>& existing,
                      const std::vector<SampleRange>& ranges) {
  uint64_t next = 0;  // every sample below is covered or recorded
  auto recorded = existing.begin();
  const auto skip_recorded = [&](uint64_t until) {
    while (recorded != existing.end() && *recorded < next) ++recorded;
    while (next < until && recorded != existing.end() && *recorded == next) ++next, ++recorded;
    return next >= until;
  };
  for (const SampleRange& range : ranges) {
    if (range.begin >= range.end || range.end > trial.samples() || range.begin < next ||
        !skip_recorded(range.begin)) {
      return absl::InternalError(absl::StrCat("jobs were cut wrongly at [", range.begin, ", ",
                                              range.end, ") of ", trial.samples(), " samples"));
    }
    next = range.end;
  }
  if (!skip_recorded(trial.samples()) || (trial.suite().ordered() && ranges.size() > 1)) {
    return absl::InternalError(absl::StrCat("jobs were cut wrongly: ", ranges.size(), " of ",
                                            trial.samples(), " samples"));
  }
  return absl::OkStatus();
}

absl::Status CutTrial(Connection& db, const NewSweep& sweep, const v1::Trial& trial,
                      std::vector<JobRecord>* jobs) {
  EB_ASSIGN_OR_RETURN(const std::vector<uint64_t> existing, SampleIds(db, trial.id()));
  const std::vector<SampleRange> ranges = sweep.cut_jobs(trial, existing);
  EB_RETURN_IF_ERROR(CheckCut(trial, existing, ranges));
  for (const SampleRange& range : ranges) {
    EB_RETURN_IF_ERROR(db.Prepare("INSERT INTO jobs (trial_id, first_sample, end_sample, state) "
                                  "VALUES (?, ?, ?, ?)")
                           .Bind(trial.id(), range.begin, range.end, v1::STATE_RUNNING)
                           .Run());
    jobs->push_back({static_cast<uint64_t>(db.last_insert_id()), trial.id(), range, 0});
  }
  return db.Prepare("UPDATE trials SET jobs = ? WHERE trial_id = ?")
      .Bind(ranges.size(), trial.id())
      .Run();
}

}  // namespace

absl::StatusOr<CreatedSweep> CreateSweep(Connection& db, int64_t now_ms, const NewSweep& sweep) {
  if (sweep.trials.empty()) return absl::InvalidArgumentError("a sweep without trials");
  EB_RETURN_IF_ERROR(
      db.Prepare("INSERT INTO sweeps (name, yaml, weight, priority, state, created_ms, "
                 "trials_running) VALUES (?, ?, ?, ?, ?, ?, ?)")
          .Bind(sweep.name, sweep.yaml, sweep.weight, sweep.priority, v1::STATE_RUNNING, now_ms,
                sweep.trials.size())
          .Run());
  const auto sweep_id = static_cast<uint64_t>(db.last_insert_id());
  CreatedSweep created;
  for (v1::Trial trial : sweep.trials) {
    trial.set_sweep_id(sweep_id);
    EB_ASSIGN_OR_RETURN(const uint64_t trial_id, InsertTrial(db, trial, sweep_id));
    trial.set_id(trial_id);
    if (!sweep.fresh) EB_RETURN_IF_ERROR(TakeOver(db, trial));
    const size_t jobs_before = created.jobs.size();
    EB_RETURN_IF_ERROR(CutTrial(db, sweep, trial, &created.jobs));
    if (created.jobs.size() == jobs_before) {
      Progress progress;
      progress.trial_id = trial_id;
      progress.sweep_id = sweep_id;
      EB_RETURN_IF_ERROR(EndTrial(db, now_ms, &progress));
    }
  }
  EB_ASSIGN_OR_RETURN(created.status, ReadSweepStatus(db, sweep_id));
  EB_ASSIGN_OR_RETURN(created.trials, ReadTrials(db, sweep_id));
  return created;
}

absl::StatusOr<Progress> FinishJob(Connection& db, int64_t now_ms, uint64_t job_id,
                                   v1::State state) {
  if (state != v1::STATE_FAILED && state != v1::STATE_CANCELLED) {
    return absl::InvalidArgumentError(
        absl::StrCat("job ", job_id, " can be finished as failed or cancelled only"));
  }
  EB_ASSIGN_OR_RETURN(Progress progress, ReadProgress(db, job_id));
  if (progress.job == v1::STATE_RUNNING) {
    EB_RETURN_IF_ERROR(EndJob(db, now_ms, state, &progress));
  }
  return progress;
}

absl::StatusOr<v1::SweepStatus> CancelSweep(Connection& db, int64_t now_ms, uint64_t sweep_id) {
  EB_ASSIGN_OR_RETURN(const v1::SweepStatus before, ReadSweepStatus(db, sweep_id));
  if (before.state() != v1::STATE_RUNNING) return before;
  EB_RETURN_IF_ERROR(
      db.Prepare("UPDATE attempts SET outcome = ?1, ended_ms = ?2 WHERE outcome = 0 AND job_id IN "
                 "(SELECT job_id FROM trials CROSS JOIN jobs USING (trial_id) WHERE sweep_id = ?3 "
                 "AND jobs.state = ?4 AND last_epoch > 0)")
          .Bind(v1::AttemptEnd::OUTCOME_CANCELLED, now_ms, sweep_id, v1::STATE_RUNNING)
          .Run());
  EB_RETURN_IF_ERROR(db.Prepare("UPDATE jobs SET state = ?1 WHERE state = ?2 AND trial_id IN "
                                "(SELECT trial_id FROM trials WHERE sweep_id = ?3 AND state = ?2)")
                         .Bind(v1::STATE_CANCELLED, v1::STATE_RUNNING, sweep_id)
                         .Run());
  EB_RETURN_IF_ERROR(
      db.Prepare("UPDATE trials SET state = ?1, jobs_cancelled = jobs - jobs_done - jobs_failed "
                 "WHERE sweep_id = ?2 AND state = ?3")
          .Bind(v1::STATE_CANCELLED, sweep_id, v1::STATE_RUNNING)
          .Run());
  EB_RETURN_IF_ERROR(db.Prepare("UPDATE sweeps SET state = ?, finished_ms = ?, trials_running = 0 "
                                "WHERE sweep_id = ?")
                         .Bind(v1::STATE_CANCELLED, now_ms, sweep_id)
                         .Run());
  return ReadSweepStatus(db, sweep_id);
}

absl::StatusOr<RetriedSweep> RetrySweep(Connection& db, uint64_t sweep_id) {
  RetriedSweep retried;
  {
    Statement rows = db.Prepare(
        "SELECT job_id, jobs.trial_id, first_sample, end_sample, last_epoch "
        "FROM trials CROSS JOIN jobs USING (trial_id) "
        "WHERE sweep_id = ? AND jobs.state IN (?, ?) ORDER BY job_id");
    rows.Bind(sweep_id, v1::STATE_FAILED, v1::STATE_CANCELLED);
    while (rows.Next()) {
      retried.jobs.push_back({rows.UInt(0),
                              rows.UInt(1),
                              {rows.UInt(2), rows.UInt(3)},
                              static_cast<uint32_t>(rows.Int(4))});
    }
    EB_RETURN_IF_ERROR(rows.status());
  }
  EB_RETURN_IF_ERROR(
      db.Prepare("UPDATE jobs SET state = ?1, retried_epoch = last_epoch WHERE state IN (?2, ?3) "
                 "AND trial_id IN (SELECT trial_id FROM trials WHERE sweep_id = ?4)")
          .Bind(v1::STATE_RUNNING, v1::STATE_FAILED, v1::STATE_CANCELLED, sweep_id)
          .Run());
  EB_RETURN_IF_ERROR(
      db.Prepare("UPDATE trials SET state = ?1, finished_ms = NULL, jobs_failed = 0, "
                 "jobs_cancelled = 0 "
                 "WHERE sweep_id = ?2 AND jobs_failed + jobs_cancelled > 0")
          .Bind(v1::STATE_RUNNING, sweep_id)
          .Run());
  if (!retried.jobs.empty()) {
    EB_RETURN_IF_ERROR(
        db.Prepare("UPDATE sweeps SET state = ?1, finished_ms = NULL, trials_running = "
                   "(SELECT COUNT(*) FROM trials WHERE sweep_id = ?2 AND state = ?1) "
                   "WHERE sweep_id = ?2")
            .Bind(v1::STATE_RUNNING, sweep_id)
            .Run());
  }
  EB_ASSIGN_OR_RETURN(retried.status, ReadSweepStatus(db, sweep_id));
  return retried;
}

}  // namespace entrobench
