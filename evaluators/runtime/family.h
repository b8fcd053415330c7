// A family of benchmarks: suites and the methods that run on them ("reasoning", "retrieval",
// "adaptation", "policy"). This is all that the evaluator's job loop knows of either.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "entrobench/v1/catalog.pb.h"
#include "entrobench/v1/evaluator.pb.h"
#include "entrobench/v1/worker.pb.h"
#include "evaluators/runtime/cancel_token.h"
#include "evaluators/runtime/result_sink.h"

namespace entrobench {

// Lives as long as the process; all members but Describe are called from one thread, one at a
// time. Keeps its loaded model from one attempt to the next and replaces it when an attempt names
// another.
class Family {
 public:
  virtual ~Family() = default;

  // "reasoning": the `family` of its suites and methods.
  virtual std::string name() const = 0;

  // Appends its methods and suites. Cheap: loads nothing, reads no file. Ids are unique in the
  // whole catalogue.
  virtual void Describe(v1::Catalog* catalog) const = 0;

  // Runs samples [start.begin, start.end) but start.skip, of the first start.trial.samples of the
  // suite, hands each result to `sink` and returns when the last one was handed over. A sample's
  // randomness depends on (trial.seed, sample id, branch) only.
  //   OK                                     all are there
  //   InvalidArgument, FailedPrecondition    the input is wrong (a data file that cannot be read as
  //                                          the suite says, a model without what the method
  //                                          needs): trying again cannot help
  //   Cancelled                              `cancel` was set: return within half a second
  //   anything else                          this attempt failed; another may succeed
  // The message is shown to people: name the file, the sample, the limit.
  virtual absl::Status Run(const v1::RunAttempt& run, ResultSink* sink,
                           const CancelToken& cancel) = 0;

  // Looks into a data file for a built-in suite of this family or a user's own one (see
  // ReadsDefinition). Fills `reply->suite` with `samples` and `digest` set, or `reply->errors` with
  // every error in place ("questions.jsonl:17: no field 'answer'"; request.file_name is the name
  // that the user knows).
  virtual void Inspect(const v1::InspectData& inspect, v1::InspectReply* reply) = 0;

  // True when `definition`, the YAML of a user's own suite, is for this family. Asked in the order
  // of main.cc's table when a suite's id is not in the catalogue.
  virtual bool ReadsDefinition(absl::string_view definition) const {
    (void)definition;
    return false;
  }
};

}  // namespace entrobench
