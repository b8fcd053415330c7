// Ctrl-C as an event: a command that has something to end in order listens, every other one just
// ends.
#pragma once

#include <functional>
#include <thread>

#include "absl/time/time.h"
#include "common/mutex.h"

namespace entrobench::cli {

class Interrupt {
 public:
  Interrupt() = default;
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // From any thread; runs the listener's action in it. False when nobody listens, or from the third
  // time on: the process should then end.
  bool Fire();

  // How often it fired.
  int fired() const;

  // Waits; true when it fired before `duration` had passed, or already.
  bool WaitFor(absl::Duration duration);

  // Listens while it lives: `action` runs at every Fire(), and at once if it fired before. Scopes
  // nest; the innermost hears. `action` must not open or close a scope.
  class Scope {
   public:
    Scope(Interrupt* interrupt, std::function<void()> action);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Interrupt* const interrupt_;
    std::function<void()> outer_;
  };

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  int fired_ ABSL_GUARDED_BY(mutex_) = 0;
  std::function<void()> action_ ABSL_GUARDED_BY(mutex_);
};

// A thread that turns SIGINT and SIGTERM into Fire(), and ends the process with code 130 when that
// says so. Create it in main before any other thread: it blocks those signals, and threads inherit
// that.
class SignalListener {
 public:
  explicit SignalListener(Interrupt* interrupt);
  ~SignalListener();
  SignalListener(const SignalListener&) = delete;
  SignalListener& operator=(const SignalListener&) = delete;

 private:
  const int stop_;  // eventfd
  std::thread thread_;
};

}  // namespace entrobench::cli
