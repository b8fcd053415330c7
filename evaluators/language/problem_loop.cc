#include "evaluators/language/problem_loop.h"

#include <algorithm>
#include <list>
#include <memory>
#include <utility>

#include "absl/strings/str_format.h"
#include "common/status_macros.h"
#include "evaluators/language/problem_run.h"

namespace entrobench {
namespace {

class Loop {
 public:
  Loop(Stepper* stepper, const std::function<std::optional<Work>()>& next)
      : stepper_(stepper), next_(next) {}

  absl::Status Run(const std::function<bool()>& cancelled) {
    while (true) {
      if (cancelled()) return absl::CancelledError("cancelled");
      Admit();
      if (in_flight_.empty()) return absl::OkStatus();
      EB_ASSIGN_OR_RETURN(const bool stepped, stepper_->Step());
      const bool finished = FinishEnded();
      if (!stepped && !finished) {
        for (auto& problem : in_flight_) {
          problem->Fail(
              absl::InternalError("the method waits for something that no model computes"));
        }
        FinishEnded();
      }
    }
  }

 private:
  // Starts problems while the next one fits.
  void Admit() {
    while (true) {
      if (!waiting_.has_value() && !exhausted_) {
        waiting_ = next_();
        exhausted_ = !waiting_.has_value();
      }
      if (!waiting_.has_value()) return;
      const int wanted = std::max(1, waiting_->demand.branches);
      if (wanted > stepper_->lanes()) {
        waiting_->finished(
            absl::InvalidArgumentError(absl::StrFormat(
                "the method holds up to %d sequences at once; this model runs %d (max_sequences)",
                wanted, stepper_->lanes())),
            Usage());
        waiting_.reset();
        continue;
      }
      if (reserved_ + wanted > stepper_->lanes()) return;
      reserved_ += wanted;
      waiting_->demand.branches = wanted;
      in_flight_.push_back(std::make_unique<ProblemRun>(*std::move(waiting_), stepper_));
      waiting_.reset();
      in_flight_.back()->Start();
    }
  }

  bool FinishEnded() {
    bool any = false;
    for (auto problem = in_flight_.begin(); problem != in_flight_.end();) {
      if (!(*problem)->ended()) {
        ++problem;
        continue;
      }
      any = true;
      reserved_ -= (*problem)->demand().branches;
      (*problem)->Finish();
      problem = in_flight_.erase(problem);
    }
    return any;
  }

  Stepper* stepper_;
  const std::function<std::optional<Work>()>& next_;
  std::optional<Work> waiting_;  // the next in line, while it does not fit
  bool exhausted_ = false;
  int reserved_ = 0;  // lanes declared by those in flight
  std::list<std::unique_ptr<ProblemRun>> in_flight_;
};

}  // namespace

absl::Status RunProblems(Stepper* stepper, const std::function<std::optional<Work>()>& next,
                         const std::function<bool()>& cancelled) {
  return Loop(stepper, next).Run(cancelled);
}

}  // namespace entrobench
