#include "worker/attempt_limits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace entrobench {

void AttemptLimits::Started(uint64_t memory_bytes, absl::Time now) {
  waiting_ = true;
  starting_ = false;
  cancelled_ = false;
  memory_bytes_ = memory_bytes;
  last_progress_ = now;
}

void AttemptLimits::Greeted() {
  if (starting_) Finished();
}

void AttemptLimits::Progressed(absl::Time now) { last_progress_ = std::max(last_progress_, now); }

void AttemptLimits::Cancelled(absl::Time now) {
  if (!waiting_ || starting_ || cancelled_) return;
  cancelled_ = true;
  cancelled_at_ = now;
}

void AttemptLimits::Finished() {
  waiting_ = false;
  starting_ = false;
  cancelled_ = false;
  memory_bytes_ = 0;
}

std::string AttemptLimits::Breach(uint64_t resident_bytes, absl::Time now) const {
  if (!waiting_) return "";
  if (memory_bytes_ > 0 && resident_bytes > memory_bytes_) {
    return absl::StrCat("ended: ", HumanBytes(resident_bytes), " resident, limit ",
                        HumanBytes(memory_bytes_));
  }
  if (cancelled_ && now >= cancelled_at_ + options_.cancel_grace) {
    return absl::StrCat("ended: did not stop within ", absl::FormatDuration(options_.cancel_grace),
                        " of being cancelled");
  }
  if (starting_ && now >= last_progress_ + options_.hello_limit) {
    return absl::StrCat("ended: said nothing within ", absl::FormatDuration(options_.hello_limit),
                        " of its start");
  }
  if (!starting_ && now >= last_progress_ + options_.progress_limit) {
    return absl::StrCat("ended: no result for ", absl::FormatDuration(options_.progress_limit));
  }
  return "";
}

absl::Time AttemptLimits::NextDeadline() const {
  if (!waiting_) return absl::InfiniteFuture();
  const absl::Time silence =
      last_progress_ + (starting_ ? options_.hello_limit : options_.progress_limit);
  return cancelled_ ? std::min(silence, cancelled_at_ + options_.cancel_grace) : silence;
}

std::string HumanBytes(uint64_t bytes) {
  const char* const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  // One decimal where it tells something: "3.1 GiB" but "2 GiB", "512 MiB".
  const bool whole = value >= 100 || unit == 0 || absl::StrFormat("%.1f", value).back() == '0';
  return absl::StrCat(whole ? absl::StrFormat("%.0f", value) : absl::StrFormat("%.1f", value), " ",
                      units[unit]);
}

}  // namespace entrobench
