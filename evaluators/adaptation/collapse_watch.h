// Notices that an adapted network has collapsed: it calls most images one class, or its loss is no
// number any more. The judge's tool: it sees the labels, so that a stream that does show one class
// for a while (imbalanced) raises no false alarm; and the unadapted network's predictions, so that
// what the corruption did is not put down to the method.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <vector>

namespace entrobench {

class CollapseWatch {
 public:
  // One class has `share` of the last `window` predictions, but less than half of that both among
  // the labels and among what the unadapted network says.
  explicit CollapseWatch(int classes, int window = 200, double share = 0.6);

  // One batch: classes, all three of one size; -1 where there is none (an unknown image, spoilt
  // logits). `finite`: predictions and loss are numbers. True if a collapse is noticed now: once
  // between two Resets.
  bool Observe(const std::vector<int>& predicted, const std::vector<int>& unadapted,
               const std::vector<int>& labels, bool finite);

  void Reset();  // the method was reset: watches from here on

 private:
  enum Of { kPredicted, kUnadapted, kLabels };
  using Seen = std::array<int, 3>;

  void Count(const Seen& seen, int by);
  bool OneClass() const;

  const size_t window_;
  const double share_;
  bool noticed_ = false;
  std::deque<Seen> recent_;
  std::array<std::vector<int>, 3> counts_;  // how often in recent_, by class
};

}  // namespace entrobench
