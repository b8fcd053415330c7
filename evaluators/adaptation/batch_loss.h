// A loss of a batch's predictions with its gradient with respect to the logits: a method adds up
// the terms of its equation here and hands gradient() to Network::Backward.
#pragma once

#include <vector>

#include "evaluators/adaptation/predictions.h"

namespace entrobench {

class BatchLoss {
 public:
  explicit BatchLoss(const Predictions& predictions);  // which must outlive this

  // + weight * H(row); the weight is a constant, no gradient goes through it.
  //   dH / dz_k = -p_k (ln p_k + H)
  void AddEntropy(int row, double weight);

  // + the mean of H over all rows, or over `rows`: the loss that most methods start from. No rows,
  // no term.
  void AddMeanEntropy();
  void AddMeanEntropy(const std::vector<int>& rows);

  // + weight * H(pbar), the entropy of the mean of all rows' probabilities.
  //   dH(pbar) / dz_ik = -(p_ik / n) (ln pbar_k - sum_j p_ij ln pbar_j)
  void AddMarginalEntropy(double weight);

  // A term that the method works out itself: its value, and its derivative by one logit.
  void AddValue(double value) { value_ += value; }
  void AddGradient(int row, int k, double derivative) { gradient_[At(row, k)] += derivative; }

  double value() const { return value_; }
  const std::vector<double>& gradient() const { return gradient_; }  // rows x classes

 private:
  size_t At(int row, int k) const {
    return static_cast<size_t>(row) * static_cast<size_t>(p_.classes()) + static_cast<size_t>(k);
  }

  const Predictions& p_;
  double value_ = 0;
  std::vector<double> gradient_;
};

// The rows whose entropy is below `threshold` (strictly, as in all the papers' code).
std::vector<int> RowsBelow(const Predictions& predictions, double threshold);

}  // namespace entrobench
