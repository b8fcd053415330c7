// What the store's tests share: a store in a folder of its own, a clock that stands still, and
// short ways to say sweep, lease and batch.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/store/blocking.h"
#include "coordinator/store/store.h"
#include "gtest/gtest.h"

namespace entrobench {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "entrobench-XXXXXX").string();
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    path_ = path;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Slices of `size` samples that hold at least one that is not there yet.
inline JobCutter SlicesOf(uint64_t size) {
  return [size](const v1::Trial& trial, const std::vector<uint64_t>& existing) {
    std::vector<SampleRange> slices;
    for (uint64_t begin = 0; begin < trial.samples(); begin += size) {
      const uint64_t end = std::min(begin + size, trial.samples());
      uint64_t there = 0;
      for (const uint64_t id : existing) there += id >= begin && id < end;
      if (there < end - begin) slices.push_back({begin, end});
    }
    return slices;
  };
}

inline v1::Trial MakeTrial(uint64_t samples, const std::string& cell = "", uint64_t seed = 1) {
  v1::Trial trial;
  trial.mutable_method()->set_id("greedy");
  trial.mutable_method()->set_version("1");
  trial.mutable_model()->set_name("tiny");
  trial.mutable_model()->set_digest("modeldigest");
  trial.mutable_suite()->set_id("arith");
  trial.mutable_suite()->set_digest("suitedigest");
  trial.set_seed(seed);
  trial.set_samples(samples);
  trial.set_cell(cell);
  return trial;
}

// Scores are sums of powers of two, so that their sums are exact in any order.
inline v1::SampleResult MakeSample(uint64_t id, double score = 1) {
  v1::SampleResult sample;
  sample.set_sample_id(id);
  sample.set_score(score);
  sample.set_answer(absl::StrCat("answer ", id));
  sample.set_mean_entropy(0.5);
  sample.set_mean_logprob(-0.25);
  sample.set_prompt_tokens(10);
  sample.set_generated_tokens(static_cast<uint32_t>(id + 1));
  sample.set_branches(1);
  sample.set_seconds(0.125);
  sample.set_group("3 steps");
  return sample;
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() { Reopen(); }

  Store::Options options() {
    Store::Options options;
    options.data_dir = folder_.path();
    options.clock = [this] { return now_; };
    return options;
  }

  void Reopen() {
    store_.reset();
    auto store = Store::Open(options());
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  absl::StatusOr<CreatedSweep> TryCreate(NewSweep sweep) {
    if (!sweep.cut_jobs) sweep.cut_jobs = SlicesOf(10);
    return WaitFor<absl::StatusOr<CreatedSweep>>(
        [&](auto done) { store_->CreateSweep(std::move(sweep), done); });
  }
  CreatedSweep Create(std::vector<v1::Trial> trials, bool fresh = false) {
    NewSweep sweep;
    sweep.name = "a sweep";
    sweep.yaml = "name: a sweep\n";
    sweep.fresh = fresh;
    sweep.trials = std::move(trials);
    auto created = TryCreate(std::move(sweep));
    EXPECT_TRUE(created.ok()) << created.status();
    return created.ok() ? *std::move(created) : CreatedSweep();
  }

  absl::Status Lease(uint64_t job, uint32_t epoch, const std::string& worker = "w1") {
    return WaitFor<absl::Status>([&](auto done) {
      store_->RecordLeases({{job, epoch, {worker, worker + " name", "host", "build"}}}, done);
    });
  }
  absl::Status Close(uint64_t job, uint32_t epoch, v1::AttemptEnd::Outcome outcome,
                     const std::string& error = "") {
    return WaitFor<absl::Status>([&](auto done) {
      store_->CloseAttempts({{job, epoch, outcome, error}}, done);
    });
  }

  static v1::ResultBatch Batch(uint64_t job, uint32_t epoch, uint64_t sequence,
                               const std::vector<v1::SampleResult>& samples,
                               v1::AttemptEnd::Outcome end = v1::AttemptEnd::OUTCOME_UNSPECIFIED,
                               const std::string& error = "") {
    v1::ResultBatch batch;
    batch.mutable_attempt()->set_job_id(job);
    batch.mutable_attempt()->set_epoch(epoch);
    batch.set_sequence(sequence);
    for (const v1::SampleResult& sample : samples) *batch.add_samples() = sample;
    if (end != v1::AttemptEnd::OUTCOME_UNSPECIFIED) {
      batch.mutable_end()->set_outcome(end);
      batch.mutable_end()->set_error(error);
    }
    return batch;
  }
  static std::vector<v1::SampleResult> Samples(uint64_t begin, uint64_t end) {
    std::vector<v1::SampleResult> samples;
    for (uint64_t id = begin; id < end; ++id) samples.push_back(MakeSample(id));
    return samples;
  }
  absl::StatusOr<BatchOutcome> Record(const v1::ResultBatch& batch, v1::Keep keep = v1::KEEP_ALL) {
    return WaitFor<absl::StatusOr<BatchOutcome>>(
        [&](auto done) { store_->RecordBatch(batch, keep, done); });
  }
  // Leases the job under `epoch` and runs it to its end.
  void RunJob(const JobRecord& job, uint32_t epoch = 1) {
    ASSERT_TRUE(Lease(job.job_id, epoch).ok());
    const auto outcome =
        Record(Batch(job.job_id, epoch, 1, Samples(job.samples.begin, job.samples.end),
                     v1::AttemptEnd::OUTCOME_DONE));
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_EQ(outcome->progress.job, v1::STATE_DONE);
  }

  template <typename Question>
  auto Ask(Question question) {
    auto answer = ReadNow(*store_, question);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return *std::move(answer);
  }
  v1::TrialStatus Trial(uint64_t id) {
    return Ask([&](Reader& reader) { return reader.GetTrial(id); });
  }
  v1::SweepStatus Sweep(uint64_t id) {
    return Ask([&](Reader& reader) { return reader.GetSweepStatus(id); });
  }
  std::vector<v1::SampleResult> AllSamples(uint64_t trial) {
    v1::ListSamplesRequest request;
    request.set_trial_id(trial);
    request.set_limit(1'000'000);
    const auto reply = Ask([&](Reader& reader) { return reader.ListSamples(request); });
    return {reply.samples().begin(), reply.samples().end()};
  }

  TemporaryFolder folder_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);  // 2027-01-15T08:00:00Z
  std::unique_ptr<Store> store_;
};

}  // namespace entrobench
