// The loop that all truncation samplers share: what differs between them is the rule.
#pragma once

#include <functional>

#include "evaluators/language/candidates.h"
#include "evaluators/language/generator.h"
#include "evaluators/reasoning/method.h"

namespace entrobench {

// What a step may be drawn from.
using TruncationRule = std::function<Candidates(const Distribution&)>;

// Draws token after token from what `rule` keeps of the model's distribution. The answer's metrics
// say how hard the rule cut: kept_tokens and kept_mass, each a mean over the steps.
Task<Answer> SampleWith(TruncationRule rule, const Problem& problem, Generator& lm);

// The two parameters of every truncation sampler, as MethodBuilder wants them, and what they make.
inline constexpr char kTemperatureMeaning[] = "softmax temperature";
inline constexpr char kTemperatureFirstMeaning[] =
    "whether the temperature acts before the cut (as in the authors' code) or on what the cut has "
    "kept";
Temperature TemperatureOf(const Params& params);

}  // namespace entrobench
