// Where a running attempt hands over what it finds, one result at a time, as soon as it has it.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "entrobench/v1/result.pb.h"

namespace entrobench {

// Every member may be called from any thread of the attempt, and may block while the worker is
// behind. What was handed over counts even if the attempt fails later.
class ResultSink {
 public:
  virtual ~ResultSink() = default;

  // Once for every sample of the job that is not skipped, in any order (in order for an ordered
  // suite). A sample without an answer is handed over too, with `error` set.
  virtual void Sample(const v1::SampleResult& sample) = 0;
  virtual void Point(const v1::Point& point) = 0;

  // The model `digest` is in memory from now on, until another one replaces it: jobs of this model
  // come here first. Call it when a model was really loaded, not when it was still warm.
  virtual void ModelLoaded(absl::string_view digest, absl::Duration took) = 0;
};

}  // namespace entrobench
