// The whole `entrobench` command as a function of its arguments and surroundings.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"

namespace entrobench::cli {

// `arguments` without the program's name. Prints, and returns the exit code (exit_codes.h).
int RunCli(const std::vector<std::string>& arguments, Context& context);

// Every command: "submit", "models add", ... in the order of the help.
std::vector<std::string> CommandNames(Context& context);

}  // namespace entrobench::cli
