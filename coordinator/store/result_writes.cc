#include "coordinator/store/result_writes.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/store/job_rows.h"

namespace entrobench {
namespace {

// Who ran something is kept once for all the attempts that share it.
absl::StatusOr<int64_t> OriginId(Connection& db, const WorkerIdentity& worker) {
  Statement known = db.Prepare(
      "SELECT origin_id FROM origins "
      "WHERE worker_id = ? AND worker_name = ? AND host = ? AND build = ?");
  if (known.Bind(worker.worker_id, worker.name, worker.host, worker.build).Next()) {
    return known.Int(0);
  }
  EB_RETURN_IF_ERROR(known.status());
  EB_RETURN_IF_ERROR(
      db.Prepare("INSERT INTO origins (worker_id, worker_name, host, build) VALUES (?, ?, ?, ?)")
          .Bind(worker.worker_id, worker.name, worker.host, worker.build)
          .Run());
  return db.last_insert_id();
}

// An attempt with the job that it runs.
struct Attempt {
  v1::AttemptEnd::Outcome outcome = v1::AttemptEnd::OUTCOME_UNSPECIFIED;  // this one: open
  uint64_t last_sequence = 0;
  SampleRange range;
  Progress progress;
};

// NotFound: no such attempt.
absl::StatusOr<Attempt> FindAttempt(Connection& db, const v1::AttemptKey& key) {
  Statement row = db.Prepare(
      "SELECT outcome, last_sequence, first_sample, end_sample, t.trial_id, t.sweep_id, j.state, "
      "t.state, s.state FROM attempts JOIN jobs j USING (job_id) "
      "JOIN trials t USING (trial_id) JOIN sweeps s USING (sweep_id) "
      "WHERE job_id = ? AND epoch = ?");
  if (!row.Bind(key.job_id(), key.epoch()).Next()) {
    if (!row.status().ok()) return row.status();
    return absl::NotFoundError("no such attempt");
  }
  Attempt attempt;
  attempt.outcome = static_cast<v1::AttemptEnd::Outcome>(row.Int(0));
  attempt.last_sequence = row.UInt(1);
  attempt.range = {row.UInt(2), row.UInt(3)};
  attempt.progress.job_id = key.job_id();
  attempt.progress.trial_id = row.UInt(4);
  attempt.progress.sweep_id = row.UInt(5);
  attempt.progress.job = static_cast<v1::State>(row.Int(6));
  attempt.progress.trial = static_cast<v1::State>(row.Int(7));
  attempt.progress.sweep = static_cast<v1::State>(row.Int(8));
  return attempt;
}

absl::Status CheckBatch(const v1::ResultBatch& batch, const std::vector<EncodedSample>& samples,
                        const Attempt& attempt) {
  if (batch.sequence() != attempt.last_sequence + 1) {
    return absl::InvalidArgumentError(absl::StrCat("batch ", batch.sequence(), " follows batch ",
                                                   attempt.last_sequence, ": some are missing"));
  }
  for (const EncodedSample& encoded : samples) {
    const uint64_t id = encoded.sample.sample_id();
    if (id < attempt.range.begin || id >= attempt.range.end) {
      return absl::InvalidArgumentError(absl::StrCat("sample ", id, " is not of the job's [",
                                                     attempt.range.begin, ", ", attempt.range.end,
                                                     ")"));
    }
    EB_RETURN_IF_ERROR(ValidateSample(encoded.sample));
  }
  for (const v1::Point& point : batch.points()) {
    if (!std::isfinite(point.value())) {
      return absl::InvalidArgumentError(absl::StrCat(
          "series ", point.series(), ", step ", point.step(), ": the value is ", point.value()));
    }
  }
  if (batch.has_end() && batch.end().outcome() == v1::AttemptEnd::OUTCOME_UNSPECIFIED) {
    return absl::InvalidArgumentError("the attempt's end does not say how it ended");
  }
  return absl::OkStatus();
}

absl::Status AddTotals(Connection& db, uint64_t trial_id, const v1::TrialTotals& more) {
  return db
      .Prepare(
          "UPDATE trials SET recorded = recorded + ?, errors = errors + ?, "
          "score_sum = score_sum + ?, score_square_sum = score_square_sum + ?, "
          "correct = correct + ?, generated_tokens = generated_tokens + ?, "
          "prompt_tokens = prompt_tokens + ?, entropy_sum = entropy_sum + ?, "
          "confidence_sum = confidence_sum + ?, confidence_count = confidence_count + ?, "
          "seconds_sum = seconds_sum + ? WHERE trial_id = ?")
      .Bind(more.samples(), more.errors(), more.score_sum(), more.score_square_sum(),
            more.correct(), more.generated_tokens(), more.prompt_tokens(), more.entropy_sum(),
            more.confidence_sum(), more.confidence_count(), more.seconds_sum(), trial_id)
      .Run();
}

absl::Status InsertPoints(Connection& db, uint64_t trial_id, const v1::ResultBatch& batch) {
  for (const v1::Point& point : batch.points()) {
    EB_RETURN_IF_ERROR(db.Prepare("INSERT INTO points (trial_id, series, step, value) "
                                  "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
                           .Bind(trial_id, point.series(), point.step(), point.value())
                           .Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> CountMissing(Connection& db, uint64_t trial_id, SampleRange range) {
  Statement count = db.Prepare(
      "SELECT COUNT(*) FROM samples WHERE trial_id = ? AND sample_id >= ? AND sample_id < ?");
  if (!count.Bind(trial_id, range.begin, range.end).Next()) return count.status();
  return range.end - range.begin - count.UInt(0);
}

// Takes the attempt's own word for how it ended, except that a DONE job must have its samples.
absl::Status EndAttempt(Connection& db, int64_t now_ms, const v1::ResultBatch& batch,
                        SampleRange range, BatchOutcome* outcome) {
  v1::AttemptEnd::Outcome how = batch.end().outcome();
  std::string error = batch.end().error();
  if (how == v1::AttemptEnd::OUTCOME_DONE) {
    EB_ASSIGN_OR_RETURN(outcome->missing, CountMissing(db, outcome->progress.trial_id, range));
    if (outcome->missing > 0) {
      outcome->incomplete = true;
      how = v1::AttemptEnd::OUTCOME_FAILED;
      error = absl::StrCat("the evaluator said that it was done, but ", outcome->missing,
                           " of the samples [", range.begin, ", ", range.end, ") are missing");
    }
  }
  EB_RETURN_IF_ERROR(
      db.Prepare("UPDATE attempts SET outcome = ?, ended_ms = ?, error = ? "
                 "WHERE job_id = ? AND epoch = ?")
          .Bind(how, now_ms, error, batch.attempt().job_id(), batch.attempt().epoch())
          .Run());
  if (how != v1::AttemptEnd::OUTCOME_DONE) return absl::OkStatus();
  EB_RETURN_IF_ERROR(
      db.Prepare("UPDATE workers SET jobs_done = jobs_done + 1 WHERE worker_id = (SELECT worker_id "
                 "FROM attempts JOIN origins USING (origin_id) WHERE job_id = ? AND epoch = ?)")
          .Bind(batch.attempt().job_id(), batch.attempt().epoch())
          .Run());
  return EndJob(db, now_ms, v1::STATE_DONE, &outcome->progress);
}

// Deletes what was recorded of the job's trial, so that a new attempt finds none of it. Nobody else
// has its payloads: only what is done is ever taken over, and what is done is not leased again.
absl::Status StartTrialOver(Connection& db, uint64_t job_id) {
  int64_t trial_id = 0;
  {
    Statement row = db.Prepare("SELECT trial_id FROM jobs WHERE job_id = ?");
    if (!row.Bind(job_id).Next()) return row.status();
    trial_id = row.Int(0);
  }
  for (const char* deletion :
       {"DELETE FROM payloads WHERE payload_id IN (SELECT payload_id FROM samples WHERE "
        "trial_id = ? AND payload_id IS NOT NULL)",
        "DELETE FROM samples WHERE trial_id = ?", "DELETE FROM points WHERE trial_id = ?",
        "UPDATE trials SET recorded = 0, errors = 0, score_sum = 0, score_square_sum = 0, "
        "correct = 0, generated_tokens = 0, prompt_tokens = 0, entropy_sum = 0, "
        "confidence_sum = 0, confidence_count = 0, seconds_sum = 0, reused = 0 "
        "WHERE trial_id = ?"}) {
    EB_RETURN_IF_ERROR(db.Prepare(deletion).Bind(trial_id).Run());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RecordLeases(Connection& db, int64_t now_ms, const std::vector<LeaseRecord>& leases) {
  for (const LeaseRecord& lease : leases) {
    EB_RETURN_IF_ERROR(db.Prepare("UPDATE jobs SET last_epoch = ?1 "
                                  "WHERE job_id = ?2 AND state = ?3 AND last_epoch < ?1")
                           .Bind(lease.epoch, lease.job_id, v1::STATE_RUNNING)
                           .Run());
    if (db.changes() == 0) {
      return absl::FailedPreconditionError(absl::StrCat("job ", lease.job_id,
                                                        " is unknown, has ended, or had epoch ",
                                                        lease.epoch, " or a higher one already"));
    }
    EB_ASSIGN_OR_RETURN(const int64_t origin, OriginId(db, lease.worker));
    EB_RETURN_IF_ERROR(
        db.Prepare("INSERT INTO attempts (job_id, epoch, origin_id, leased_ms) VALUES (?, ?, ?, ?)")
            .Bind(lease.job_id, lease.epoch, origin, now_ms)
            .Run());
    if (lease.starts_over) EB_RETURN_IF_ERROR(StartTrialOver(db, lease.job_id));
  }
  return absl::OkStatus();
}

absl::Status CloseAttempts(Connection& db, int64_t now_ms,
                           const std::vector<ClosedAttempt>& attempts) {
  for (const ClosedAttempt& attempt : attempts) {
    if (attempt.outcome == v1::AttemptEnd::OUTCOME_UNSPECIFIED ||
        attempt.outcome == v1::AttemptEnd::OUTCOME_DONE) {
      return absl::InvalidArgumentError(absl::StrCat("attempt ", attempt.epoch, " of job ",
                                                     attempt.job_id, " cannot be closed as done"));
    }
    EB_RETURN_IF_ERROR(
        db.Prepare("UPDATE attempts SET outcome = ?, ended_ms = ?, error = ? "
                   "WHERE job_id = ? AND epoch = ? AND outcome = 0")
            .Bind(attempt.outcome, now_ms, attempt.error, attempt.job_id, attempt.epoch)
            .Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<BatchOutcome> RecordBatch(Connection& db, int64_t now_ms,
                                         const v1::ResultBatch& batch,
                                         const std::vector<EncodedSample>& samples) {
  BatchOutcome outcome;
  const absl::StatusOr<Attempt> attempt = FindAttempt(db, batch.attempt());
  if (absl::IsNotFound(attempt.status())) {
    outcome.verdict = BatchOutcome::Verdict::kStale;
    outcome.progress.job_id = batch.attempt().job_id();
    return outcome;
  }
  EB_RETURN_IF_ERROR(attempt.status());
  outcome.progress = attempt->progress;
  if (batch.sequence() > 0 && batch.sequence() <= attempt->last_sequence) {
    outcome.verdict = BatchOutcome::Verdict::kResent;
    return outcome;
  }
  if (attempt->outcome != v1::AttemptEnd::OUTCOME_UNSPECIFIED) {
    outcome.verdict = BatchOutcome::Verdict::kStale;
    return outcome;
  }
  EB_RETURN_IF_ERROR(CheckBatch(batch, samples, *attempt));

  SampleOrigin origin;
  origin.trial_id = attempt->progress.trial_id;
  origin.job_id = batch.attempt().job_id();
  origin.epoch = batch.attempt().epoch();
  origin.recorded_ms = now_ms;
  v1::TrialTotals more;
  EB_ASSIGN_OR_RETURN(int64_t next_payload_id, NextPayloadId(db));
  for (const EncodedSample& sample : samples) {
    EB_ASSIGN_OR_RETURN(const bool is_new, InsertSample(db, origin, sample, &next_payload_id));
    if (!is_new) continue;
    outcome.new_samples.push_back(sample.sample.sample_id());
    AddToTotals(sample.sample, &more);
  }
  EB_RETURN_IF_ERROR(InsertPoints(db, origin.trial_id, batch));
  if (more.samples() > 0) EB_RETURN_IF_ERROR(AddTotals(db, origin.trial_id, more));
  EB_RETURN_IF_ERROR(
      db.Prepare("UPDATE attempts SET last_sequence = ? WHERE job_id = ? AND epoch = ?")
          .Bind(batch.sequence(), origin.job_id, origin.epoch)
          .Run());
  if (batch.has_end()) {
    EB_RETURN_IF_ERROR(EndAttempt(db, now_ms, batch, attempt->range, &outcome));
  }
  return outcome;
}

}  // namespace entrobench
