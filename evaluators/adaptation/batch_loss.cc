#include "evaluators/adaptation/batch_loss.h"

#include <cmath>

namespace entrobench {

BatchLoss::BatchLoss(const Predictions& predictions)
    : p_(predictions),
      gradient_(static_cast<size_t>(predictions.rows()) *
                static_cast<size_t>(predictions.classes())) {}

void BatchLoss::AddEntropy(int row, double weight) {
  const double entropy = p_.entropy(row);
  value_ += weight * entropy;
  for (int k = 0; k < p_.classes(); ++k) {
    AddGradient(row, k, -weight * p_.p(row, k) * (p_.log_p(row, k) + entropy));
  }
}

void BatchLoss::AddMeanEntropy() {
  for (int row = 0; row < p_.rows(); ++row) AddEntropy(row, 1.0 / p_.rows());
}

void BatchLoss::AddMeanEntropy(const std::vector<int>& rows) {
  for (const int row : rows) AddEntropy(row, 1.0 / static_cast<double>(rows.size()));
}

void BatchLoss::AddMarginalEntropy(double weight) {
  std::vector<double> log_mean = p_.mean_probabilities();
  for (double& value : log_mean) {
    const double mean = value;
    value = std::log(mean);
    if (mean > 0) value_ -= weight * mean * value;
  }
  for (int row = 0; row < p_.rows(); ++row) {
    double expected = 0;
    for (int k = 0; k < p_.classes(); ++k) {
      if (p_.p(row, k) > 0) expected += p_.p(row, k) * log_mean[static_cast<size_t>(k)];
    }
    for (int k = 0; k < p_.classes(); ++k) {
      if (p_.p(row, k) == 0) continue;
      AddGradient(
          row, k,
          -weight * p_.p(row, k) / p_.rows() * (log_mean[static_cast<size_t>(k)] - expected));
    }
  }
}

std::vector<int> RowsBelow(const Predictions& predictions, double threshold) {
  std::vector<int> rows;
  for (int row = 0; row < predictions.rows(); ++row) {
    if (predictions.entropy(row) < threshold) rows.push_back(row);
  }
  return rows;
}

}  // namespace entrobench
