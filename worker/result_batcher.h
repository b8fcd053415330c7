// Collects an attempt's results into batches: large enough to be cheap, soon enough to be seen.
// Time is passed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/time/time.h"
#include "entrobench/v1/result.pb.h"
#include "entrobench/v1/worker.pb.h"
#include "worker/attempt_ref.h"

namespace entrobench {

class ResultBatcher {
 public:
  struct Options {
    int samples = 64;  // a batch is due with the first of these
    size_t bytes = 256u << 10;
    absl::Duration age = absl::Milliseconds(200);
  };

  ResultBatcher(AttemptRef attempt, Options options) : attempt_(attempt), options_(options) {}

  // `bytes`: what the result takes on the pipe.
  void Add(v1::SampleResult sample, size_t bytes, absl::Time now) {
    Count(bytes, now);
    *batch_.add_samples() = std::move(sample);
  }
  void Add(v1::Point point, size_t bytes, absl::Time now) {
    Count(bytes, now);
    *batch_.add_points() = std::move(point);
  }

  bool empty() const { return bytes_ == 0; }
  size_t bytes() const { return bytes_; }
  bool Full() const {
    return batch_.samples_size() >= options_.samples || bytes_ >= options_.bytes;
  }
  // When what is held should be taken at the latest; InfiniteFuture when nothing is held.
  absl::Time Deadline() const { return empty() ? absl::InfiniteFuture() : since_ + options_.age; }

  // The batch, numbered; what is held afterwards is empty.
  v1::ResultBatch Take() {
    v1::ResultBatch batch;
    batch.Swap(&batch_);
    *batch.mutable_attempt() = KeyOf(attempt_);
    batch.set_sequence(++last_sequence_);
    bytes_ = 0;
    return batch;
  }

 private:
  void Count(size_t bytes, absl::Time now) {
    if (empty()) since_ = now;
    bytes_ += bytes;
  }

  const AttemptRef attempt_;
  const Options options_;
  v1::ResultBatch batch_;
  size_t bytes_ = 0;
  absl::Time since_;
  uint64_t last_sequence_ = 0;
};

}  // namespace entrobench
