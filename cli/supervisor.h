// Keeps a coordinator and its workers running on this machine, for `entrobench up`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/child_process.h"
#include "cli/context.h"

namespace entrobench::cli {

// How long to wait before a part that ended is started again: half a second, twice as long each
// time, at most half a minute; from the beginning again after it ran for a minute.
class RestartDelay {
 public:
  absl::Duration Next(absl::Duration ran);

 private:
  absl::Duration next_ = absl::Milliseconds(500);
};

class Supervisor {
 public:
  struct Options {
    std::string data_folder;
    std::string models_folder;  // empty: the coordinator's own default
    int port = 0;               // 0: any free one
    int workers = 1;
  };

  // Opens an Interrupt::Scope for its lifetime.
  Supervisor(Context& context, Options options);
  ~Supervisor();  // kills what still runs
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Starts everything and waits until all workers are connected. Cancelled: the user interrupted.
  // FailedPrecondition: the coordinator would not start, with its last words.
  absl::Status Start();

  // The coordinator's address, after Start().
  const std::string& address() const { return address_; }

  // Starts again what ends, until the user interrupts.
  void Run();

  // Ends the workers, then the coordinator; a second interrupt kills what still runs.
  void Stop();

 private:
  struct Part {
    std::string name;
    std::vector<std::string> command;
    std::string log;
    bool is_coordinator = false;
    std::unique_ptr<ChildProcess> child;
    absl::Time started;
    absl::Time start_at;  // when there is no child
    RestartDelay delay;
  };

  Part CoordinatorPart(const std::string& listen) const;
  Part WorkerPart(int number) const;
  absl::Status Launch(Part& part);
  absl::StatusOr<std::string> AwaitReady(Part& coordinator);
  // Sleeps until something happens or the duration has passed; empties the children's pipes.
  void Poll(absl::Duration longest);
  void RestartEnded();
  void EndParts(bool coordinator);
  int interrupts();

  Context& context_;
  const Options options_;
  const int wake_;  // eventfd that the interrupt writes to
  const Interrupt::Scope listen_;
  std::string address_;
  std::vector<Part> parts_;
};

}  // namespace entrobench::cli
