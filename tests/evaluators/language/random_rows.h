// Rows of logits for property tests: flat and peaked, with ties and holes.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "common/random.h"

namespace entrobench {

inline std::vector<float> RandomRow(Random& rng) {
  const size_t size = 1 + rng.Below(rng.Below(4) == 0 ? 3000 : 40);
  const double spread = std::pow(10.0, -1.5 + 2.5 * rng.Uniform());
  const bool ties = rng.Below(3) == 0, holes = rng.Below(3) == 0;
  std::vector<float> row(size);
  for (float& z : row) {
    z = static_cast<float>(spread * rng.Normal());
    if (ties) z = std::round(2 * z) / 2;
    if (holes && rng.Below(4) == 0) z = -std::numeric_limits<float>::infinity();
  }
  row[rng.Below(size)] = static_cast<float>(2 * spread);  // something always has mass
  return row;
}

// ln of the probabilities.
inline std::vector<float> LogitsOf(const std::vector<double>& probabilities) {
  std::vector<float> logits;
  for (const double p : probabilities) logits.push_back(static_cast<float>(std::log(p)));
  return logits;
}

}  // namespace entrobench
