// The entrobench command. Everything is in cli.h; here it meets the real terminal, clock and
// signals.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "absl/time/clock.h"
#include "cli/cli.h"
#include "common/file.h"

int main(int argc, char** argv) {
  using namespace entrobench;                         // NOLINT
  using namespace entrobench::cli;                    // NOLINT
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // our own sentences say what went wrong
  Interrupt interrupt;
  const SignalListener listener(&interrupt);
  const Environment environment = [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  };
  Context context{
      .out = std::cout,
      .err = std::cerr,
      .in = std::cin,
      .out_terminal = DetectTerminal(STDOUT_FILENO, environment),
      .err_terminal = DetectTerminal(STDERR_FILENO, environment),
      .environment = environment,
      .now = [] { return absl::Now(); },
      .wait = [&interrupt](absl::Duration duration) { return interrupt.WaitFor(duration); },
      .interrupt = interrupt,
      .binaries = ExecutableDirectory(),
      .address = "",
      .data_dir = "",
  };
  return RunCli(std::vector<std::string>(argv + 1, argv + argc), context);
}
