// Takes a running attempt's results to the worker and holds the family to its contract.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/mutex.h"
#include "entrobench/v1/worker.pb.h"
#include "evaluators/runtime/cancel_token.h"
#include "evaluators/runtime/message_writer.h"
#include "evaluators/runtime/result_sink.h"

namespace entrobench {

// A sample outside the job, one that was to be skipped or one handed over twice is a bug that would
// falsify a score: it is not passed on, the attempt is cancelled and Finish() tells. A number that
// is not finite, or a score outside [0, 1], turns its sample into an error with score 0.
class AttemptSink : public ResultSink {
 public:
  // `writer` and `cancel` outlive the sink.
  AttemptSink(const v1::StartAttempt& start, MessageWriter* writer, CancelToken* cancel);

  void Sample(const v1::SampleResult& sample) override ABSL_LOCKS_EXCLUDED(mutex_);
  void Point(const v1::Point& point) override;
  void ModelLoaded(absl::string_view digest, absl::Duration took) override;

  // What the attempt came to, given what the family returned: the first breach of contract, or
  // Internal when the family said OK but samples are missing, or `from_family`.
  absl::Status Finish(absl::Status from_family) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const uint64_t begin_;
  const v1::Keep keep_;
  MessageWriter* const writer_;
  CancelToken* const cancel_;
  Mutex mutex_;
  std::vector<bool> settled_ ABSL_GUARDED_BY(mutex_);  // handed over or skipped, by id - begin_
  uint64_t missing_ ABSL_GUARDED_BY(mutex_);
  absl::Status breach_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace entrobench
