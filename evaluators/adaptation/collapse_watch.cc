#include "evaluators/adaptation/collapse_watch.h"

#include <algorithm>

namespace entrobench {

CollapseWatch::CollapseWatch(int classes, int window, double share)
    : window_(static_cast<size_t>(window)), share_(share) {
  counts_.fill(std::vector<int>(static_cast<size_t>(classes)));
}

bool CollapseWatch::Observe(const std::vector<int>& predicted, const std::vector<int>& unadapted,
                            const std::vector<int>& labels, bool finite) {
  for (size_t i = 0; i < predicted.size(); ++i) {
    recent_.push_back({predicted[i], unadapted[i], labels[i]});
    Count(recent_.back(), 1);
    if (recent_.size() > window_) {
      Count(recent_.front(), -1);
      recent_.pop_front();
    }
  }
  if (noticed_) return false;
  noticed_ = !finite || OneClass();
  return noticed_;
}

void CollapseWatch::Count(const Seen& seen, int by) {
  for (size_t of = 0; of < seen.size(); ++of) {
    if (seen[of] >= 0) counts_[of][static_cast<size_t>(seen[of])] += by;
  }
}

bool CollapseWatch::OneClass() const {
  if (recent_.size() < window_) return false;
  const std::vector<int>& predicted = counts_[kPredicted];
  const auto top =
      static_cast<size_t>(std::max_element(predicted.begin(), predicted.end()) - predicted.begin());
  const double half = predicted[top] / 2.0;
  return predicted[top] >= share_ * static_cast<double>(window_) &&
         counts_[kUnadapted][top] < half && counts_[kLabels][top] < half;
}

void CollapseWatch::Reset() {
  noticed_ = false;
  recent_.clear();
  for (std::vector<int>& count : counts_) std::fill(count.begin(), count.end(), 0);
}

}  // namespace entrobench
