// Who gives the command, for what is kept with a name beside it.
#pragma once

#include <string>

#include "cli/context.h"

namespace entrobench::cli {

std::string WhoAmI(const Context& context);  // "user@host"

}  // namespace entrobench::cli
