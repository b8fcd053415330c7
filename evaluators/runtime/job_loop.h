// The evaluator's life: say what it can run, then run what the worker asks, one thing at a time.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "entrobench/v1/evaluator.pb.h"
#include "evaluators/runtime/cancel_token.h"
#include "evaluators/runtime/family.h"
#include "evaluators/runtime/message_writer.h"

namespace entrobench {

// What all families describe, in the order of the table, with the build. Internal when two of them
// use the same id.
absl::StatusOr<v1::Catalog> MakeCatalog(const std::vector<Family*>& families);

class JobLoop {
 public:
  struct Options {
    int from_worker = 3;  // descriptors; both stay the caller's
    int to_worker = 4;
    std::string blas;  // for EvaluatorHello
    // Called from the reader thread when the worker has closed the pipe or broken the protocol,
    // even while an attempt computes: an evaluator must not outlive its worker. The default ends
    // the process at once, without running destructors under a computing thread.
    std::function<void()> worker_gone;
  };

  // The families outlive the loop.
  JobLoop(std::vector<Family*> families, Options options);
  ~JobLoop();
  JobLoop(const JobLoop&) = delete;
  JobLoop& operator=(const JobLoop&) = delete;

  // Sends EvaluatorHello, then serves until the worker closes the pipe. Internal when the catalogue
  // contradicts itself.
  absl::Status Run();

 private:
  void ReadMessages();
  void HandleRun(const v1::RunAttempt& run);
  void HandleInspect(const v1::InspectData& inspect);
  // Errors say what this evaluator lacks.
  absl::StatusOr<Family*> FamilyOf(const v1::Trial& trial) const;
  absl::StatusOr<Family*> FamilyOf(const v1::InspectRequest& request) const;

  const std::vector<Family*> families_;
  const Options options_;
  MessageWriter writer_;
  v1::Catalog catalog_;
  std::map<std::string, const v1::MethodInfo*> methods_;  // into catalog_
  std::map<std::string, const v1::SuiteInfo*> suites_;
  std::map<std::string, Family*> families_by_name_;

  // The reader thread queues what the worker asks; a cancel goes straight to the attempt it means:
  // the last one asked for.
  struct Request {
    v1::ToEvaluator message;
    std::shared_ptr<CancelToken> cancel;  // of a RunAttempt
  };
  Mutex mutex_;
  CondVar wake_;
  std::deque<Request> requests_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<CancelToken> latest_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<CancelToken> current_;  // of the attempt that runs; Run()'s thread only
};

}  // namespace entrobench
