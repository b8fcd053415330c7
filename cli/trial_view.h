// One trial in numbers, for people.
#pragma once

#include <string>

#include "cli/terminal.h"
#include "entrobench/v1/entrobench.pb.h"

namespace entrobench::cli {

// `label`: the trial's method as tables call it. `suite` says what its metrics mean; an empty one:
// nothing is known of it.
std::string FormatTrial(const v1::TrialDetail& detail, const std::string& label,
                        const v1::SuiteInfo& suite, const Terminal& terminal);

}  // namespace entrobench::cli
