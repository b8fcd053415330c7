#include "evaluators/adaptation/source_guesses.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/value.h"

namespace entrobench {
namespace {

// 150,000 images take 1.2 MB in batches of 64, some 8 MB one by one.
constexpr size_t kMost = 8;

std::string KeyOf(const v1::Trial& trial) {
  return absl::StrCat(trial.model().digest(), " ", trial.suite().digest(), " ",
                      CanonicalParams(trial.suite().options()), " ", trial.samples(), " ",
                      trial.seed(), " ", trial.deterministic());
}

}  // namespace

absl::StatusOr<std::vector<Guess>> SourceGuesses::Of(int64_t index, const ImageBatch& images,
                                                     Network* network) {
  std::vector<Guess>& guesses = batches_[static_cast<size_t>(index)];
  if (guesses.empty()) {
    EB_ASSIGN_OR_RETURN(const Predictions predictions, network->Forward(images));
    guesses = GuessesOf(predictions);
  }
  return guesses;
}

SourceGuesses* SourceGuessesCache::For(const v1::Trial& trial, int64_t batches) {
  std::string key = KeyOf(trial);
  const auto known = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  if (known != entries_.end()) return known->guesses.get();
  entries_.push_front({std::move(key), std::make_unique<SourceGuesses>(batches)});
  if (entries_.size() > kMost) entries_.pop_back();
  return entries_.front().guesses.get();
}

}  // namespace entrobench
