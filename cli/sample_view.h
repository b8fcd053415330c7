// One sample as a page: the question, what the model said with every token shaded by the entropy it
// was drawn from, and where the numbers come from.
#pragma once

#include <string>

#include "cli/terminal.h"
#include "entrobench/v1/entrobench.pb.h"

namespace entrobench::cli {

// Entropy classes, in nats: below 0.1, 0.5, 1, 2, 3, and above. 0 is shown unshaded.
inline constexpr int kEntropyLevels = 6;
int EntropyLevel(double nats);

std::string FormatSample(const v1::GetSampleReply& reply, const Terminal& terminal);

}  // namespace entrobench::cli
