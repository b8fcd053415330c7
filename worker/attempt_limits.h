// When an evaluator must be ended by force. Time is passed in.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace entrobench {

class AttemptLimits {
 public:
  struct Options {
    absl::Duration progress_limit = absl::Minutes(10);      // without a result
    absl::Duration cancel_grace = absl::Milliseconds(700);  // to stop by itself
    absl::Duration hello_limit = absl::Minutes(1);          // from its start to its first message
  };

  AttemptLimits(Options options, absl::Time started)
      : options_(options), waiting_(true), last_progress_(started), starting_(true) {}

  // What the evaluator does changes. memory_bytes: resident size that it may reach; 0: any.
  void Started(uint64_t memory_bytes, absl::Time now);
  void Greeted();  // it said hello: idle, unless it was given work before it spoke
  void Progressed(absl::Time now);
  void Cancelled(absl::Time now);  // no effect when nothing runs or it was cancelled already
  void Finished();                 // idle: nothing is due

  // Why it must be ended now, for people; empty when it may go on. `resident_bytes` as measured.
  std::string Breach(uint64_t resident_bytes, absl::Time now) const;

  // When to ask again at the latest even if nothing happens; InfiniteFuture while idle.
  absl::Time NextDeadline() const;

 private:
  const Options options_;
  bool waiting_;  // for a message
  absl::Time last_progress_;
  bool starting_;
  bool cancelled_ = false;
  absl::Time cancelled_at_;
  uint64_t memory_bytes_ = 0;
};

// "3.1 GiB", "12 MiB", "900 KiB".
std::string HumanBytes(uint64_t bytes);

}  // namespace entrobench
