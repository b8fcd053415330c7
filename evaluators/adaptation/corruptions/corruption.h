// The fifteen common corruptions at five severities (Hendrycks & Dietterich, "Benchmarking Neural
// Network Robustness to Common Corruptions and Perturbations", ICLR 2019), for pictures of about
// 28 x 28 pixels.
//
// The constants stand beside each corruption. They are chosen so that on Fashion-MNIST the error of
// the shipped network fashion-bn, unadapted, rises with each severity and ends between a quarter
// and three quarters: a black background makes ImageNet-C's brightness, contrast, fog, frost, snow
// and Gaussian noise as good as chance from the first or second severity on. Those of a length are
// for a picture 28 pixels wide and grow in proportion to the width. At every severity a picture is
// also farther from the clean one, on average, than at the one below.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/random.h"
#include "evaluators/adaptation/data/image.h"

namespace entrobench {

struct Corruption {
  absl::string_view name;      // "gaussian_noise": as the benchmark's files are called
  absl::string_view category;  // "noise", "blur", "weather" or "digital"

  // A pure function. `clean`: 1 or 3 channels, at least 8 x 8 pixels, values in [0, 1];
  // `severity`: 1 to kSeverities. The result has the same shape and is in [0, 1].
  Image (*apply)(const Image& clean, int severity, Random random);
};

// All fifteen, in the benchmark's order: the four categories one after the other.
absl::Span<const Corruption> Corruptions();

// Null when there is none of that name.
const Corruption* FindCorruption(absl::string_view name);

// The random numbers of one picture's corruption: they depend on nothing but these three, so a
// picture looks the same in every stream. All severities share them: the same snow, but more.
Random CorruptionRandom(uint64_t seed, absl::string_view corruption, int image);

}  // namespace entrobench
