// "name   value" lines with wrapped values: the body of every `show`.
#pragma once

#include <ostream>

#include "absl/strings/string_view.h"
#include "cli/terminal.h"

namespace entrobench::cli {

// A title in bold, with an optional remark beside it.
void PrintTitle(std::ostream& out, const Terminal& terminal, absl::string_view title,
                absl::string_view remark = "");

// Nothing for an empty value.
void PrintFact(std::ostream& out, const Terminal& terminal, absl::string_view name,
               absl::string_view value);

}  // namespace entrobench::cli
