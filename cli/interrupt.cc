#include "cli/interrupt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "cli/exit_codes.h"
#include "common/shutdown.h"

namespace entrobench::cli {

bool Interrupt::Fire() {
  const MutexLock lock(&mutex_);
  ++fired_;
  changed_.NotifyAll();
  if (!action_ || fired_ > 2) return false;
  action_();
  return true;
}

int Interrupt::fired() const {
  const MutexLock lock(&mutex_);
  return fired_;
}

bool Interrupt::WaitFor(absl::Duration duration) {
  const MutexLock lock(&mutex_);
  const absl::Time deadline = absl::Now() + duration;
  while (fired_ == 0) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    changed_.WaitFor(&mutex_, left);
  }
  return true;
}

Interrupt::Scope::Scope(Interrupt* interrupt, std::function<void()> action)
    : interrupt_(interrupt) {
  const MutexLock lock(&interrupt_->mutex_);
  outer_ = std::exchange(interrupt_->action_, std::move(action));
  if (interrupt_->fired_ > 0) interrupt_->action_();
}

Interrupt::Scope::~Scope() {
  const MutexLock lock(&interrupt_->mutex_);
  interrupt_->action_ = std::move(outer_);
}

SignalListener::SignalListener(Interrupt* interrupt) : stop_(eventfd(0, EFD_CLOEXEC)) {
  BlockShutdownSignals();
  signal(SIGPIPE, SIG_DFL);  // `entrobench export s1 | head` ends quietly, like other commands
  thread_ = std::thread([interrupt, stop = stop_] {
    const int signals = ShutdownDescriptor();
    for (;;) {
      pollfd descriptors[] = {{signals, POLLIN, 0}, {stop, POLLIN, 0}};
      if (poll(descriptors, 2, -1) < 0) continue;
      if ((descriptors[1].revents & POLLIN) != 0) break;
      signalfd_siginfo info;
      if (read(signals, &info, sizeof info) != sizeof info) continue;
      if (!interrupt->Fire()) _exit(kInterrupted);
    }
    close(signals);
  });
}

SignalListener::~SignalListener() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_, &one, sizeof one);
  thread_.join();
  close(stop_);
}

}  // namespace entrobench::cli
