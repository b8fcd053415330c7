#include "evaluators/adaptation/corruptions/noise.h"

#include <cmath>
#include <utility>

#include "evaluators/adaptation/corruptions/filters.h"

namespace entrobench {
namespace {

// A Poisson draw by inversion of one uniform number; `mean` in [0, 100].
int Poisson(double mean, Random& random) {
  const double uniform = random.Uniform();
  double probability = std::exp(-mean), cumulative = probability;
  int count = 0;
  // The bound is far beyond any real draw; it ends the loop if rounding keeps the sum below 1.
  while (uniform >= cumulative && count < 1000) {
    ++count;
    probability *= mean / count;
    cumulative += probability;
  }
  return count;
}

}  // namespace

// x + N(0, c^2), clipped.
Image GaussianNoise(const Image& clean, int severity, Random random) {
  constexpr double kDeviation[] = {0.05, 0.08, 0.11, 0.14, 0.18};
  const double deviation = kDeviation[severity - 1];
  Image image = clean;
  for (float& value : image.values) value += static_cast<float>(deviation * random.Normal());
  return Clip(std::move(image));
}

// Poisson(c x) / c, clipped: c photons make a pixel white.
Image ShotNoise(const Image& clean, int severity, Random random) {
  constexpr double kPhotons[] = {60, 25, 12, 5, 3};
  const double photons = kPhotons[severity - 1];
  Image image = clean;
  for (float& value : image.values) {
    value = static_cast<float>(Poisson(photons * static_cast<double>(value), random) / photons);
  }
  return Clip(std::move(image));
}

// A share c of the values becomes 0 or 1, with even odds.
Image ImpulseNoise(const Image& clean, int severity, Random random) {
  constexpr double kShare[] = {0.03, 0.06, 0.09, 0.17, 0.27};
  const double share = kShare[severity - 1];
  Image image = clean;
  for (float& value : image.values) {
    const bool hit = random.Uniform() < share;
    const bool salt = random.Uniform() < 0.5;  // drawn always, so that severities share the places
    if (hit) value = salt ? 1.0F : 0.0F;
  }
  return image;
}

}  // namespace entrobench
