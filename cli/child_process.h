// A program that runs beside us and ends with us.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace entrobench::cli {

// A descriptor that becomes readable when the process has ended; -1 with errno (ESRCH: there is
// none).
int OpenProcessDescriptor(pid_t pid);

class ChildProcess {
 public:
  struct Options {
    std::vector<std::string> command;  // a path, then its arguments
    std::string log;  // standard error is appended to this file; standard output too, unless piped
    bool pipe_output = false;  // its standard output can be read from output()
    bool detached = false;     // a session of its own that outlives us
  };

  // NotFound: there is no such program. A child that is not detached is in a process group of its
  // own (so that Ctrl-C reaches only us, and we end the children in order), and is killed when the
  // thread that started it ends, however it ends.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const Options& options);

  // Kills it, unless it was started detached.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  int exit_descriptor() const { return exit_; }  // becomes readable when it has ended
  int output() const { return output_; }         // -1 when not piped or closed
  void CloseOutput();

  void Signal(int number);

  // Does not wait. How it ended, in words: "exit code 1", "signal 9 (Killed)"; absent while it
  // runs.
  std::optional<std::string> Ended();

 private:
  ChildProcess(pid_t pid, int exit, int output, bool detached)
      : pid_(pid), exit_(exit), output_(output), detached_(detached) {}

  const pid_t pid_;
  const int exit_;  // a pidfd
  int output_;
  const bool detached_;
  std::optional<std::string> ended_;
};

}  // namespace entrobench::cli
