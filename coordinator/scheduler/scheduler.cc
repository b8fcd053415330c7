#include "coordinator/scheduler/scheduler.h"

#include "coordinator/scheduler/scheduler_impl.h"

namespace entrobench {

Scheduler::Scheduler(SchedulerOptions options) : impl_(std::make_unique<Impl>(options)) {}
Scheduler::~Scheduler() = default;

void Scheduler::AddSweep(const SweepSpec& sweep) { impl_->AddSweep(sweep); }
void Scheduler::AddTrial(const TrialSpec& trial) { impl_->AddTrial(trial); }
void Scheduler::AddJob(const JobSpec& job) { impl_->AddJob(job); }
void Scheduler::RestoreLease(const AttemptId& attempt, absl::string_view worker, absl::Time now) {
  impl_->RestoreLease(attempt, worker, now);
}
Decisions Scheduler::StartSweep(SweepId sweep, absl::Time now) {
  impl_->Begin(now);
  impl_->StartSweep(sweep);
  return impl_->End();
}
Decisions Scheduler::CancelSweep(SweepId sweep, absl::Time now) {
  impl_->Begin(now);
  impl_->CancelSweep(sweep);
  return impl_->End();
}
void Scheduler::ForgetFailures(SweepId sweep) { impl_->ForgetFailures(sweep); }
Decisions Scheduler::WorkerConnected(const WorkerSpec& worker, absl::Time now) {
  impl_->Begin(now);
  impl_->WorkerConnected(worker);
  return impl_->End();
}
Decisions Scheduler::WorkerGone(absl::string_view worker, absl::Time now) {
  impl_->Begin(now);
  impl_->WorkerGone(worker);
  return impl_->End();
}
Decisions Scheduler::Heartbeat(absl::string_view worker, absl::Span<const AttemptId> running,
                               absl::Span<const std::string> warm_models, absl::Time now) {
  impl_->Begin(now);
  impl_->Heartbeat(worker, running, warm_models);
  return impl_->End();
}
Decisions Scheduler::DrainWorker(absl::string_view worker, absl::Time now) {
  impl_->Begin(now);
  impl_->DrainWorker(worker);
  return impl_->End();
}
Decisions Scheduler::AttemptDone(const AttemptId& attempt, absl::Time now) {
  impl_->Begin(now);
  impl_->AttemptDone(attempt);
  return impl_->End();
}
Decisions Scheduler::AttemptFailed(const AttemptId& attempt, absl::Time now) {
  impl_->Begin(now);
  impl_->AttemptFailed(attempt);
  return impl_->End();
}
Decisions Scheduler::AttemptRefused(const AttemptId& attempt, absl::Time now) {
  impl_->Begin(now);
  impl_->AttemptRefused(attempt);
  return impl_->End();
}
Decisions Scheduler::AttemptCancelled(const AttemptId& attempt, absl::Time now) {
  impl_->Begin(now);
  impl_->AttemptCancelled(attempt);
  return impl_->End();
}
Decisions Scheduler::Tick(absl::Time now) {
  impl_->Begin(now);
  return impl_->End();
}
absl::Time Scheduler::NextDeadline() const { return impl_->NextDeadline(); }
bool Scheduler::IsLive(const AttemptId& attempt) const { return impl_->IsLive(attempt); }
Scheduler::SweepCounts Scheduler::CountsOf(SweepId sweep) const { return impl_->CountsOf(sweep); }
bool Scheduler::HasSweep(SweepId sweep) const { return impl_->HasSweep(sweep); }
std::string Scheduler::WhyIdle(SweepId sweep) const { return impl_->WhyIdle(sweep); }
std::vector<AttemptId> Scheduler::AttemptsOf(absl::string_view worker) const {
  return impl_->AttemptsOf(worker);
}
bool Scheduler::IsDraining(absl::string_view worker) const { return impl_->IsDraining(worker); }

}  // namespace entrobench
