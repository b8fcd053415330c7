// Counter-based random numbers (Philox4x32-10: Salmon et al., "Parallel Random Numbers: As Easy as
// 1, 2, 3", SC 2011). A stream is a pure function of its key, so a sample's randomness cannot
// depend on the shard, the worker or the order in which things run. Not for secrets.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "absl/strings/string_view.h"

namespace entrobench {

// One block of the generator: 4 words from a 128-bit counter and a 64-bit key. Exposed for the
// known-answer tests.
std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// A 64-bit mix of its arguments (SplitMix64's finaliser): builds stream keys from ids. Not
// cryptographic.
uint64_t MixBits(uint64_t a, uint64_t b);
uint64_t HashBytes(
    absl::string_view bytes);  // FNV-1a, then mixed; stable across machines and versions

// A stream of random numbers, keyed by (seed, stream). Copying it copies the position. Meets the
// standard's UniformRandomBitGenerator, so it can drive std:: algorithms; but std:: distributions
// differ between libraries: use the members here wherever a result is kept.
class Random {
 public:
  using result_type = uint32_t;

  Random(uint64_t seed, uint64_t stream) : seed_(seed), stream_(stream) {}

  // A child stream that shares no number with this one or with a child of another name; this one's
  // position does not matter. Branches of a sequence are named by their index.
  Random Child(uint64_t name) const { return Random(seed_, MixBits(stream_, name + 1)); }

  uint32_t Next32();
  uint64_t Next64();
  double Uniform();                            // [0, 1), 53 bits
  uint64_t Below(uint64_t bound);              // uniform in [0, bound); bound > 0
  int64_t Between(int64_t low, int64_t high);  // uniform in [low, high]
  double Normal();                             // standard normal (Box-Muller, both draws used)

  // UniformRandomBitGenerator
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() { return Next32(); }

 private:
  uint64_t seed_;
  uint64_t stream_;
  uint64_t block_ = 0;                // the next counter value
  std::array<uint32_t, 4> buffer_{};  // the current block
  int used_ = 4;                      // words of buffer_ already given out
  bool has_spare_ = false;
  double spare_normal_ = 0;
};

}  // namespace entrobench
