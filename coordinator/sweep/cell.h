// A cell's identity: equal for equal work, whichever sweep it stands in.
#pragma once

#include <string>

#include "entrobench/v1/sweep.pb.h"

namespace entrobench {

// The text that is digested, one line a field, in this order:
//
//     entrobench cell 1
//     method: top-h@1
//     params: alpha=0.4, temperature=1.0
//     model: sha256 of the file, or empty when the suite needs none
//     suite: arith sha256 of the suite
//     options: max_tokens=256
//     seed: 1
//     deterministic: false
//
// Parameters and options in canonical form (common/value.h). Text values have no line breaks (the
// parser sees to that), so no value can pretend to be another line.
std::string CellText(const v1::Trial& trial);

// SHA-256 of CellText(). Empty for an endpoint: nothing says which weights answered, so its cells
// are not reused by themselves.
std::string CellDigest(const v1::Trial& trial);

}  // namespace entrobench
