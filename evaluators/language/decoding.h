// How a token is drawn when a method leaves that to the model: Generate and GenerateMany.
#pragma once

#include "common/random.h"
#include "evaluators/language/distribution.h"
#include "evaluators/language/generator.h"

namespace entrobench {

// Draws from softmax(z / temperature), cut to the tokens at least min_p times as probable as the
// best one, then to the fewest of those that hold top_p of what is left. The best token always
// passes. Temperature 0 is the argmax and draws no number; all else draws exactly one.
Token Draw(const Distribution& distribution, const Decoding& decoding, Random& rng);

// Draws until the sequence is done.
Task<Generation> DecodeToEnd(Sequence sequence, Decoding decoding);

}  // namespace entrobench
