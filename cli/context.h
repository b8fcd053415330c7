// Everything a command may touch besides the coordinator: where it prints, what it reads from the
// environment, time.
#pragma once

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"

namespace entrobench::cli {

struct Context {
  std::ostream& out;  // results
  std::ostream& err;  // progress, notes and errors
  std::istream& in;
  Terminal out_terminal;
  Terminal err_terminal;
  Environment environment;
  std::function<absl::Time()> now;
  // Waits that long; true when the user interrupted meanwhile.
  std::function<bool(absl::Duration)> wait;
  Interrupt& interrupt;
  std::string binaries;  // the folder with entrobench-coordinator and entrobench-worker

  // The options that every command has; empty: not given.
  std::string address;
  std::string data_dir;
};

}  // namespace entrobench::cli
