// What the unadapted network says of each image of a stream: the "before" of every method's
// "after". The same for all methods, so it is kept from one trial to the next.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "entrobench/v1/sweep.pb.h"
#include "evaluators/adaptation/image_batch.h"
#include "evaluators/adaptation/network.h"
#include "evaluators/adaptation/stream_judge.h"

namespace entrobench {

// Of one stream: filled batch by batch by the first trial that runs it to its end.
class SourceGuesses {
 public:
  explicit SourceGuesses(int64_t batches) : batches_(static_cast<size_t>(batches)) {}

  // Of batch `index`; asks `network`, as loaded, unless that was done before.
  absl::StatusOr<std::vector<Guess>> Of(int64_t index, const ImageBatch& images, Network* network);

 private:
  std::vector<std::vector<Guess>> batches_;
};

class SourceGuessesCache {
 public:
  // Of the stream of `trial`, which has `batches`: the same for equal network, suite, options,
  // images and seed.
  SourceGuesses* For(const v1::Trial& trial, int64_t batches);

 private:
  struct Entry {
    std::string key;
    std::unique_ptr<SourceGuesses> guesses;
  };
  std::deque<Entry> entries_;  // the newest first, at most kMost
};

}  // namespace entrobench
