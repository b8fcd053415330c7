// What goes into and comes out of the store where no message of proto/ says it already.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "entrobench/v1/entrobench.pb.h"

namespace entrobench {

// Samples [begin, end) of a trial.
struct SampleRange {
  uint64_t begin = 0;
  uint64_t end = 0;
};

// Cuts what a trial still has to run into jobs. `existing`: the sample ids below trial.samples()
// that were taken over from earlier trials, ascending. No ranges: nothing is left to run.
using JobCutter = std::function<std::vector<SampleRange>(const v1::Trial& trial,
                                                         const std::vector<uint64_t>& existing)>;

// A sweep to be created, validated by the caller.
struct NewSweep {
  std::string name;
  std::string yaml;
  double weight = 1;              // share of the workers beside other sweeps
  int32_t priority = 0;           // higher goes first
  bool fresh = false;             // take nothing over from earlier trials of the same cell
  std::vector<v1::Trial> trials;  // id and sweep_id are set by the store
  JobCutter cut_jobs;             // called on the writer's thread
};

struct JobRecord {
  uint64_t job_id = 0;
  uint64_t trial_id = 0;
  SampleRange samples;
  uint32_t last_epoch = 0;  // of its newest lease; 0: never leased
};

struct CreatedSweep {
  v1::SweepStatus status;               // DONE at once when every sample was taken over
  std::vector<v1::TrialStatus> trials;  // in the order of NewSweep::trials
  std::vector<JobRecord> jobs;          // all to be run
};

// Who runs an attempt, as the provenance of its samples will say.
struct WorkerIdentity {
  std::string worker_id;
  std::string name;
  std::string host;
  std::string build;
};

// Named apart from the scheduler's decision `Lease`.
struct LeaseRecord {
  uint64_t job_id = 0;
  uint32_t epoch = 0;  // higher than any before of this job
  WorkerIdentity worker;
  // The job's trial takes its results from one attempt: what earlier ones recorded is deleted.
  bool starts_over = false;
};

// An attempt that ends without a batch of its own saying so: the lease ran out, was revoked, the
// worker came back without it.
struct ClosedAttempt {
  uint64_t job_id = 0;
  uint32_t epoch = 0;
  // FAILED counts against the job and keeps `error`; CANCELLED does not.
  v1::AttemptEnd::Outcome outcome = v1::AttemptEnd::OUTCOME_CANCELLED;
  std::string error;
};

// Where a job's trial and sweep stand after a commit.
struct Progress {
  uint64_t job_id = 0;
  uint64_t trial_id = 0;
  uint64_t sweep_id = 0;
  v1::State job = v1::STATE_RUNNING;
  v1::State trial = v1::STATE_RUNNING;
  v1::State sweep = v1::STATE_RUNNING;
};

// What became of a result batch. Acknowledge the worker's batch with stale = (verdict == kStale).
struct BatchOutcome {
  enum class Verdict {
    kRecorded,  // committed now
    kResent,    // this sequence number was committed before; nothing changed
    kStale,     // the attempt is not live (any more): nothing was written
  };
  Verdict verdict = Verdict::kRecorded;
  std::vector<uint64_t> new_samples;  // ids counted now; the others were there already
  Progress progress;                  // job is DONE when this batch's end made it so
  // The attempt said DONE but samples of its job are missing: it is closed as failed, with an
  // error that says so.
  bool incomplete = false;
  uint64_t missing = 0;
};

struct RetriedSweep {
  v1::SweepStatus status;
  std::vector<JobRecord> jobs;  // waiting again; failures before the retry count no more
};

// An unfinished sweep as the scheduler needs it after a restart.
struct RestartSweep {
  v1::SweepStatus status;
  double weight = 1;
  int32_t priority = 0;
  std::vector<v1::TrialStatus> trials;  // all of them, ended ones too
};

struct OpenLease {
  uint64_t job_id = 0;
  uint32_t epoch = 0;
  std::string worker_id;
};

struct FailedAttempt {
  uint64_t job_id = 0;
  uint32_t epoch = 0;
  std::string worker_id;
  std::string error;
};

// Everything unfinished. Flat lists: a million jobs must fit.
struct RestartState {
  std::vector<RestartSweep> sweeps;     // by id
  std::vector<JobRecord> jobs;          // the unfinished ones, by id
  std::vector<OpenLease> open_leases;   // by job, epoch; they get a fresh term
  std::vector<FailedAttempt> failures;  // of unfinished jobs since their last retry; by job, epoch
};

// What can be run, as evaluators described it, and what people registered.
struct Catalogue {
  std::vector<v1::MethodInfo> methods;  // every version seen, by id, version
  std::vector<v1::SuiteInfo> suites;  // as evaluators describe them: every version, by id, version
  std::vector<v1::SuiteInfo> registered;  // with data, digest and samples: AddData's; by id
  std::vector<v1::ModelInfo> models;      // by name
};

struct ArtifactRecord {
  std::string digest;
  uint64_t size_bytes = 0;
  std::string file_name;  // as the user named it; for people
};

// One trial's outcome on one sample, without its texts: what statistics that are not sums read.
struct SampleOutcome {
  uint64_t sample_id = 0;
  double score = 0;
  std::string answer;
  std::string group;
  bool error = false;
  std::optional<double> uncertainty;  // its own, else 1 - confidence
  uint64_t generated_tokens = 0;
  double mean_entropy = 0;
  double mean_logprob = 0;
};

// What was computed in the background of the trials (the seeds) of one leaderboard row.
struct GroupStatistics {
  std::string key;  // TrialGroup::Key()
  std::string suite;
  int64_t version = 0;           // of the code that computed it
  uint64_t samples_covered = 0;  // recorded samples of all the trials when it was computed
  uint64_t problems = 0;         // distinct sample ids
  double low = 0;
  double high = 0;
  std::string kind;            // as LeaderboardRow.interval_kind
  v1::LeaderboardRow details;  // only `uncertainty`, `pass_at_k`, `majority_at_k`, `metrics`
};

// Which rows of a block (rows that are compared with each other) the data tell apart.
struct RowComparisons {
  std::string block;
  std::string suite;
  std::vector<std::string> rows;  // each a group's key and what it covered: "3,17:400"
  // One bit a pair of rows, byte by byte from the lowest bit: of rows i < j the bit numbered
  // j (j - 1) / 2 + i.
  std::string apart;
};

// Beside a trial's status.
struct TrialFacts {
  std::string sweep_name;
  std::string finished_at;  // RFC 3339; empty while it runs
};

// Where an export goes on.
struct ExportCursor {
  uint64_t trial_id = 0;
  uint64_t next_sample = 0;
};

}  // namespace entrobench
