// How much of a sample travels beside its numbers.
#pragma once

#include <cstddef>

#include "entrobench/v1/result.pb.h"
#include "entrobench/v1/sweep.pb.h"

namespace entrobench {

// A sample that is larger than this loses parts of its payload, most bulky first, until it fits:
// gRPC refuses messages above 4 MiB unless told otherwise, and a batch holds several samples.
inline constexpr size_t kMaxSampleBytes = 2u << 20;

// Drops what the sweep does not keep: KEEP_TEXT drops the token traces, KEEP_NUMBERS the payload.
void KeepOnly(v1::Keep keep, v1::SampleResult* sample);

// Drops alternatives of tokens, then token traces, then texts until the sample has at most
// `max_bytes`, and says so in payload.judgement. The numbers always stay.
void LimitPayload(size_t max_bytes, v1::SampleResult* sample);

}  // namespace entrobench
