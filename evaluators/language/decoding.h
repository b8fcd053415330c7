// How a token is drawn when a method leaves that to the model: Generate and GenerateMany.
#pragma once

#include "common/random.h"
#include "evaluators/language/distribution.h"
#include "evaluators/language/generator.h"

namespace entrobench {

// Draws from softmax(z / temperature), cut to
//   top_p  the fewest tokens, most probable first, whose mass is at least top_p
//   min_p  the tokens at least min_p times as probable as the most probable one
// (both cut the distribution after the temperature; a token must pass both). The most probable
// token always passes. Temperature 0 is the argmax and draws no number; all else draws exactly one.
Token Draw(const Distribution& distribution, const Decoding& decoding, Random& rng);

// Draws until the sequence is done.
Task<Generation> DecodeToEnd(Sequence sequence, Decoding decoding);

}  // namespace entrobench
