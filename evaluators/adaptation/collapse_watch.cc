#include "evaluators/adaptation/collapse_watch.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace entrobench {

CollapseWatch::CollapseWatch(int classes, int window) : window_(static_cast<size_t>(window)) {
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
  noticed_ = !finite || FewClasses();
  return noticed_;
}

void CollapseWatch::Count(const Seen& seen, int by) {
  for (size_t of = 0; of < seen.size(); ++of) {
    if (seen[of] >= 0) counts_[of][static_cast<size_t>(seen[of])] += by;
  }
}

bool CollapseWatch::FewClasses() const {
  if (recent_.size() < window_) return false;
  const std::vector<int>& predicted = counts_[kPredicted];
  std::vector<size_t> order(predicted.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::partial_sort(order.begin(), order.begin() + 2, order.end(),
                    [&](size_t a, size_t b) { return predicted[a] > predicted[b]; });
  int had[3] = {};  // by the first class, then by both
  for (const auto& [classes, share] : {std::pair(1, 0.6), std::pair(2, 0.9)}) {
    const size_t next = order[static_cast<size_t>(classes) - 1];
    for (size_t of = 0; of < counts_.size(); ++of) had[of] += counts_[of][next];
    if (had[kPredicted] >= share * static_cast<double>(window_) &&
        2 * had[kUnadapted] < had[kPredicted] && 2 * had[kLabels] < had[kPredicted]) {
      return true;
    }
  }
  return false;
}

void CollapseWatch::Reset() {
  noticed_ = false;
  recent_.clear();
  for (std::vector<int>& count : counts_) std::fill(count.begin(), count.end(), 0);
}

}  // namespace entrobench
