// What passes with time: the beginning and end of every event, and the next deadline.
#include "coordinator/scheduler/scheduler_impl.h"

namespace entrobench {

void Scheduler::Impl::Begin(absl::Time now) {
  if (now_ != absl::InfinitePast() && now - now_ > options_.lease_term / 2) {
    // This process stood still, and with it what the workers sent: their silence says nothing.
    for (Index index : present_) {
      if (workers_[index]->expires != absl::InfiniteFuture()) {
        SetExpiry(index, now + options_.lease_term);
      }
    }
  }
  now_ = std::max(now_, now);
}

Decisions Scheduler::Impl::End() {
  RunTimers();
  Dispatch();
  return std::exchange(decisions_, {});
}

void Scheduler::Impl::RunTimers() {
  while (!retries_.empty() && retries_.begin()->first <= now_) {
    const Index job = retries_.begin()->second;
    retries_.erase(retries_.begin());
    --SweepOf(jobs_[job])->backoff;
    Enqueue(job, WaitingJobs::End::kFront);
  }
  while (!stops_.empty() && stops_.begin()->first <= now_) Vacate(stops_.begin()->second);
  while (!expiries_.empty() && expiries_.begin()->first <= now_) Expire(expiries_.begin()->second);
}

absl::Time Scheduler::Impl::NextDeadline() const {
  absl::Time next = absl::InfiniteFuture();
  if (!retries_.empty()) next = std::min(next, retries_.begin()->first);
  if (!stops_.empty()) next = std::min(next, stops_.begin()->first);
  // Often enough that Begin() can tell a standstill from a worker's silence.
  if (!expiries_.empty()) {
    next = std::min({next, expiries_.begin()->first, now_ + options_.lease_term / 4});
  }
  if (!ending_.empty()) next = std::min(next, next_straggler_check_);
  return next;
}

}  // namespace entrobench
