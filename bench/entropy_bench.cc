// What the entropy pass costs beside a memory copy of the same row, in one run; `times_copy` is the
// ratio of the medians.
//
// rows:1 copies within the second-level cache, where nothing that computes an exponential keeps up.
// rows:16 (16 MB) and rows:64 (64 MB) go through rows as an engine does that has just computed a
// batch of them: there the budget is 2 with AVX2 or better.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <vector>

#include "common/random.h"
#include "evaluators/entropy/logits.h"

namespace entrobench {
namespace {

constexpr size_t kVocabulary = 262144;

// Logits as models give them: normal with a deviation of 3, and one that stands out.
std::vector<float> SomeRows(size_t rows) {
  Random rng(/*seed=*/1, /*stream=*/0);
  std::vector<float> logits(rows * kVocabulary);
  for (float& z : logits) z = static_cast<float>(3 * rng.Normal());
  for (size_t row = 0; row < rows; ++row) logits[row * kVocabulary + rng.Below(kVocabulary)] = 18;
  return logits;
}

template <typename F>
double SecondsFor(const F& f) {
  const auto begin = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double MedianSecondsOfCopy(const std::vector<float>& from, size_t rows) {
  std::vector<float> to(from.size());
  std::vector<double> seconds;
  for (size_t i = 0; i < 500; ++i) {
    const size_t start = i % rows * kVocabulary;
    seconds.push_back(SecondsFor([&] {
      std::memcpy(to.data() + start, from.data() + start, kVocabulary * sizeof(float));
      benchmark::ClobberMemory();
    }));
  }
  return Median(seconds);
}

void Summarize(benchmark::State& state) {
  const auto rows = static_cast<size_t>(state.range(0));
  const std::vector<float> logits = SomeRows(rows);
  const double copy = MedianSecondsOfCopy(logits, rows);
  std::vector<double> seconds;
  size_t row = 0;
  for (auto _ : state) {
    const absl::Span<const float> of_row(logits.data() + row * kVocabulary, kVocabulary);
    seconds.push_back(SecondsFor([&] { benchmark::DoNotOptimize(SummarizeLogits(of_row)); }));
    state.SetIterationTime(seconds.back());
    row = (row + 1) % rows;
  }
  state.counters["summarize_us"] = 1e6 * Median(seconds);
  state.counters["copy_us"] = 1e6 * copy;
  state.counters["times_copy"] = Median(seconds) / copy;
}
BENCHMARK(Summarize)->ArgName("rows")->Arg(1)->Arg(16)->Arg(64)->UseManualTime()->Unit(
    benchmark::kMicrosecond);

}  // namespace
}  // namespace entrobench
