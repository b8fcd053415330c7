#include "coordinator/leaderboard/group_statistics.h"

#include <cmath>
#include <limits>
#include <utility>

#include "common/random.h"
#include "coordinator/leaderboard/cluster_bootstrap.h"
#include "coordinator/leaderboard/interval.h"
#include "coordinator/leaderboard/majority_vote.h"
#include "coordinator/leaderboard/pass_at_k.h"
#include "coordinator/leaderboard/uncertainty_metrics.h"

namespace entrobench {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// The answers to one problem over the seeds.
struct ProblemAnswers {
  ProblemScores scores;
  uint32_t right = 0;
  uint32_t abstentions = 0;
  std::map<std::string, AnswerClass> classes;
};

std::map<uint64_t, ProblemAnswers> AnswersByProblem(absl::Span<const TrialOutcomes> trials) {
  std::map<uint64_t, ProblemAnswers> problems;
  for (const TrialOutcomes& trial : trials) {
    for (const SampleOutcome& sample : trial.samples) {
      ProblemAnswers& problem = problems[sample.sample_id];
      const bool right = sample.score >= 1;
      problem.scores.sum += sample.score;
      ++problem.scores.count;
      if (right) ++problem.right;
      if (sample.answer.empty()) {
        ++problem.abstentions;
        continue;
      }
      AnswerClass& one = problem.classes[sample.answer];
      ++one.count;
      one.right = one.right || right;
    }
  }
  return problems;
}

void AddAtK(uint32_t k, double value, google::protobuf::RepeatedPtrField<v1::AtK>* values) {
  v1::AtK* at_k = values->Add();
  at_k->set_k(k);
  at_k->set_value(value);
}

void AddRepeatedAnswers(const std::map<uint64_t, ProblemAnswers>& problems, uint32_t seeds,
                        v1::LeaderboardRow* details) {
  for (uint32_t k = 1; k <= seeds; k = k < 8 ? k + 1 : 2 * k) {
    double passed = 0, voted = 0;
    uint64_t counted = 0;
    for (const auto& [id, problem] : problems) {
      if (problem.scores.count < seeds) continue;
      std::vector<AnswerClass> classes;
      for (const auto& [answer, one] : problem.classes) classes.push_back(one);
      passed += PassAtK(seeds, problem.right, k);
      voted += MajorityVoteAtK(classes, problem.abstentions, k, id).right;
      ++counted;
    }
    if (counted == 0) return;
    AddAtK(k, passed / static_cast<double>(counted), details->mutable_pass_at_k());
    AddAtK(k, voted / static_cast<double>(counted), details->mutable_majority_at_k());
  }
}

void AddMetrics(absl::Span<const TrialOutcomes> trials, v1::LeaderboardRow* details) {
  std::map<std::string, std::pair<double, double>> sums;  // weighted sum, weight
  for (const TrialOutcomes& trial : trials) {
    const auto weight = static_cast<double>(trial.samples.size());
    for (const auto& [name, value] : trial.metrics) {
      sums[name].first += weight * value;
      sums[name].second += weight;
    }
  }
  for (const auto& [name, sum] : sums) {
    (*details->mutable_metrics())[name] = sum.first / sum.second;
  }
}

}  // namespace

const GroupStatistics* FindStatistics(const TrialGroup& group, const StatisticsByGroup& known) {
  const auto it = known.find(group.Key());
  if (it == known.end() || it->second.version != kStatisticsVersion ||
      it->second.samples_covered != group.samples()) {
    return nullptr;
  }
  return &it->second;
}

GroupStatistics ComputeStatistics(const TrialGroup& group, absl::Span<const TrialOutcomes> trials) {
  GroupStatistics statistics;
  statistics.key = group.Key();
  statistics.suite = group.trials.front().trial().suite().id();
  statistics.version = kStatisticsVersion;
  for (const TrialOutcomes& trial : trials) statistics.samples_covered += trial.samples.size();

  const std::map<uint64_t, ProblemAnswers> problems = AnswersByProblem(trials);
  std::vector<ProblemScores> scores;
  scores.reserve(problems.size());
  double sum = 0;
  for (const auto& [id, problem] : problems) {
    scores.push_back(problem.scores);
    sum += problem.scores.sum;
  }
  ClusterInterval interval;
  if (trials.size() == 1) {
    const auto n = static_cast<double>(scores.size());
    interval = {WilsonInterval(n == 0 ? 0 : sum / n, n), kWilson};
  } else {
    interval = ClusterBootstrap(scores, HashBytes(statistics.key));
    // Seeds of an ordered suite are other streams, not other tries at a problem.
    if (!group.trials.front().trial().suite().ordered()) {
      AddRepeatedAnswers(problems, static_cast<uint32_t>(trials.size()), &statistics.details);
    }
  }
  statistics.problems = problems.size();
  statistics.low = interval.interval.low;
  statistics.high = interval.interval.high;
  statistics.kind = interval.kind;
  if (auto uncertainty = UncertaintyOf(trials, /*with_curves=*/false)) {
    *statistics.details.mutable_uncertainty() = *std::move(uncertainty);
  }
  AddMetrics(trials, &statistics.details);
  return statistics;
}

std::optional<v1::Uncertainty> UncertaintyOf(absl::Span<const TrialOutcomes> trials,
                                             bool with_curves) {
  std::vector<JudgedSample> samples;
  uint64_t wrong = 0;
  for (const TrialOutcomes& trial : trials) {
    for (const SampleOutcome& sample : trial.samples) {
      if (!sample.uncertainty.has_value()) continue;
      samples.push_back({sample.sample_id, -*sample.uncertainty, sample.score});
      if (sample.score < 1) ++wrong;
    }
  }
  if (samples.empty()) return std::nullopt;
  const UncertaintyMetrics metrics = MeasureUncertainty(samples);
  v1::Uncertainty message;
  message.set_samples(metrics.samples);
  message.set_wrong(wrong);
  message.set_auroc(metrics.auroc.has_value() ? metrics.auroc->value : kNothing);
  if (metrics.auroc.has_value()) {
    message.mutable_auroc_interval()->set_low(metrics.auroc->interval.low);
    message.mutable_auroc_interval()->set_high(metrics.auroc->interval.high);
  }
  message.set_aurc(metrics.aurc);
  message.set_prr(metrics.prr.value_or(kNothing));
  message.set_ece(metrics.calibrated.has_value() ? metrics.calibrated->ece : kNothing);
  message.set_brier(metrics.calibrated.has_value() ? metrics.calibrated->brier : kNothing);
  message.set_risk_at_80(metrics.risk_at_coverage);
  if (!with_curves) return message;
  if (metrics.calibrated.has_value()) {
    for (const ReliabilityBin& bin : metrics.calibrated->bins) {
      v1::ReliabilityBin* one = message.add_reliability();
      one->set_samples(bin.count);
      one->set_confidence(bin.mean_confidence);
      one->set_accuracy(bin.mean_score);
    }
  }
  for (const CurvePoint& point : metrics.curve) {
    v1::CoverageRisk* one = message.add_curve();
    one->set_coverage(point.coverage);
    one->set_risk(point.risk);
  }
  return message;
}

}  // namespace entrobench
