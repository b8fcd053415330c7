// Notices that an adapted network has collapsed: it calls most images one class, or nearly all one
// of two, or its loss is NaN or infinite. The judge's tool: it sees the labels, so that a stream
// that does show one class for a while (imbalanced) raises no false alarm; and the unadapted
// network's predictions, so that what the corruption did is not put down to the method.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <vector>

namespace entrobench {

class CollapseWatch {
 public:
  // One class has 60% of the last `window` predictions, or two have 90%, but less than half of that
  // both among the labels and among what the unadapted network says. `classes` >= 2.
  explicit CollapseWatch(int classes, int window = 200);

  // One batch: classes, all three of one size; -1 where there is none (an unknown image, spoilt
  // logits). `finite`: predictions and loss are numbers. True if a collapse is noticed now: once
  // between two Resets.
  bool Observe(const std::vector<int>& predicted, const std::vector<int>& unadapted,
               const std::vector<int>& labels, bool finite);

  void Reset();  // the method went back to its start: watches from here on

 private:
  enum Of { kPredicted, kUnadapted, kLabels };
  using Seen = std::array<int, 3>;

  void Count(const Seen& seen, int by);
  bool FewClasses() const;

  const size_t window_;
  bool noticed_ = false;
  std::deque<Seen> recent_;
  std::array<std::vector<int>, 3> counts_;  // how often in recent_, by class
};

}  // namespace entrobench
