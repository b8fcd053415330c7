// The measures by their textbook formulas in long double: the independent route that the tests
// compare with.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace entrobench::naive {

using Row = std::vector<long double>;

inline Row Softmax(const std::vector<float>& logits, double temperature = 1.0) {
  long double max = -INFINITY, total = 0;
  for (const float z : logits) max = std::max<long double>(max, z);
  Row p;
  for (const float z : logits) p.push_back(expl((z - max) / static_cast<long double>(temperature)));
  for (const long double x : p) total += x;
  for (long double& x : p) x /= total;
  return p;
}

inline long double LogSumExp(const std::vector<float>& logits, double temperature = 1.0) {
  long double max = -INFINITY, total = 0;
  for (const float z : logits) max = std::max<long double>(max, z);
  for (const float z : logits) total += expl((z - max) / static_cast<long double>(temperature));
  return max / static_cast<long double>(temperature) + logl(total);
}

inline long double Shannon(const Row& p) {
  long double h = 0;
  for (const long double x : p) h -= x > 0 ? x * logl(x) : 0;
  return h;
}

inline long double Varentropy(const Row& p) {
  const long double h = Shannon(p);
  long double v = 0;
  for (const long double x : p) v += x > 0 ? x * (logl(x) + h) * (logl(x) + h) : 0;
  return v;
}

inline long double PowerSum(const Row& p, long double order) {
  long double sum = 0;
  for (const long double x : p) sum += x > 0 ? powl(x, order) : 0;
  return sum;
}
inline long double Renyi(const Row& p, long double order) {
  return logl(PowerSum(p, order)) / (1 - order);
}
inline long double Tsallis(const Row& p, long double order) {
  return (1 - PowerSum(p, order)) / (order - 1);
}

inline long double KullbackLeibler(const Row& p, const Row& q) {
  long double d = 0;
  for (size_t v = 0; v < p.size(); ++v) d += p[v] > 0 ? p[v] * logl(p[v] / q[v]) : 0;
  return d;
}

inline long double JensenShannon(const Row& p, const Row& q) {
  Row m(p.size());
  for (size_t v = 0; v < p.size(); ++v) m[v] = (p[v] + q[v]) / 2;
  return (KullbackLeibler(p, m) + KullbackLeibler(q, m)) / 2;
}

}  // namespace entrobench::naive
