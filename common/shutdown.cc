#include "common/shutdown.h"

#include <sys/signalfd.h>
#include <csignal>

namespace entrobench {
namespace {

sigset_t ShutdownSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void BlockShutdownSignals() {
  signal(SIGPIPE, SIG_IGN);
  const sigset_t set = ShutdownSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int WaitForShutdownSignal() {
  const sigset_t set = ShutdownSignals();
  int received = 0;
  sigwait(&set, &received);
  return received;
}

int ShutdownDescriptor() {
  const sigset_t set = ShutdownSignals();
  return signalfd(-1, &set, SFD_CLOEXEC);
}

}  // namespace entrobench
