// A progress bar with rate and time left: redrawn in place on a terminal, one plain line every few
// seconds elsewhere.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "cli/terminal.h"

namespace entrobench::cli {

// Everything that one picture of the bar shows.
struct ProgressView {
  enum class Unit { kCount, kBytes };

  std::string label;
  uint64_t done = 0;
  uint64_t total = 0;
  Unit unit = Unit::kCount;
  std::string noun;                    // "samples"
  std::optional<double> rate;          // units a second; unknown at first
  std::optional<absl::Duration> left;  // unknown without a rate
  std::string note;
};

// One line without its end. On an interactive terminal it holds a bar and fits the width: what does
// not fit is left out from the right, the bar shrinks first. Elsewhere the same facts without a
// bar.
std::string RenderProgress(const ProgressView& view, const Terminal& terminal);

// Units a second over the last half minute.
class RateMeter {
 public:
  void Add(uint64_t done, absl::Time now);
  std::optional<double> Rate() const;  // absent until a second lies between first and last

 private:
  std::deque<std::pair<absl::Time, uint64_t>> points_;
};

class ProgressBar {
 public:
  // `out` and `terminal` must outlive it. `quiet_start`: off a terminal, the first line comes only
  // after 5 seconds, so that what is done sooner prints none.
  ProgressBar(std::ostream* out, const Terminal* terminal, std::string label,
              ProgressView::Unit unit, std::string noun, bool quiet_start = false);

  // Draws at most 10 times a second on a terminal, every 5 seconds elsewhere.
  void Update(uint64_t done, uint64_t total, const std::string& note, absl::Time now);

  // Takes the bar off the terminal, so that a line can be printed; the next Update draws it again.
  void Clear();

 private:
  std::ostream* const out_;
  const Terminal* const terminal_;
  ProgressView view_;
  RateMeter meter_;
  const bool quiet_start_;
  absl::Time drawn_at_ = absl::InfinitePast();
  bool on_screen_ = false;
};

}  // namespace entrobench::cli
