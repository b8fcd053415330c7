// std::shuffle gives different orders with different libraries; this one does not.
#pragma once

#include <numeric>
#include <utility>
#include <vector>

#include "common/random.h"

namespace entrobench {

// Every order equally likely (Fisher & Yates).
template <typename T>
void Shuffle(std::vector<T>& values, Random& random) {
  for (size_t left = values.size(); left > 1; --left) {
    std::swap(values[left - 1], values[random.Below(left)]);
  }
}

// 0 to n - 1, shuffled.
inline std::vector<int> ShuffledRange(int n, Random& random) {
  std::vector<int> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  Shuffle(order, random);
  return order;
}

}  // namespace entrobench
