// The entropy pass beside a memory copy of the same row, in one run: Summarize/Copy is the ratio
// that the budget of docs/architecture.md limits to 2 for 262,144 entries with AVX2 or better.
//
// rows:1 keeps one row in the cache. rows:64 (64 MB) goes through rows as an engine does that has
// just computed a batch of them.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "common/random.h"
#include "evaluators/entropy/logits.h"

namespace entrobench {
namespace {

constexpr size_t kVocabulary = 262144;

// Logits as models give them: normal with a deviation of 3 and a few that stand out.
std::vector<float> SomeRows(size_t rows) {
  Random rng(/*seed=*/1, /*stream=*/0);
  std::vector<float> logits(rows * kVocabulary);
  for (float& z : logits) z = static_cast<float>(3 * rng.Normal());
  for (size_t row = 0; row < rows; ++row) logits[row * kVocabulary + rng.Below(kVocabulary)] = 18;
  return logits;
}

void Copy(benchmark::State& state) {
  const auto rows = static_cast<size_t>(state.range(0));
  const std::vector<float> from = SomeRows(rows);
  std::vector<float> to(from.size());
  size_t row = 0;
  for (auto _ : state) {
    std::memcpy(to.data() + row * kVocabulary, from.data() + row * kVocabulary,
                kVocabulary * sizeof(float));
    benchmark::ClobberMemory();
    row = (row + 1) % rows;
  }
}
BENCHMARK(Copy)->ArgName("rows")->Arg(1)->Arg(64);

void Summarize(benchmark::State& state) {
  const auto rows = static_cast<size_t>(state.range(0));
  const std::vector<float> from = SomeRows(rows);
  size_t row = 0;
  for (auto _ : state) {
    const absl::Span<const float> logits(from.data() + row * kVocabulary, kVocabulary);
    benchmark::DoNotOptimize(SummarizeLogits(logits));
    row = (row + 1) % rows;
  }
}
BENCHMARK(Summarize)->ArgName("rows")->Arg(1)->Arg(64);

}  // namespace
}  // namespace entrobench
