// Which build this is: part of every result's provenance.
#pragma once

#include <string>

namespace entrobench {

inline constexpr char kVersion[] = "0.1.0";

// "0.1.0+<first 12 hex digits of the executable's SHA-256>": two processes agree exactly when they
// run the same bytes.
const std::string& BuildId();

}  // namespace entrobench
