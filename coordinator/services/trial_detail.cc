#include "coordinator/services/trial_detail.h"

#include <string>
#include <utility>
#include <vector>

#include "common/status_macros.h"
#include "coordinator/leaderboard/group_statistics.h"
#include "coordinator/leaderboard/interval.h"
#include "coordinator/services/statistics.h"

namespace entrobench {

absl::StatusOr<v1::TrialDetail> ReadTrialDetail(uint64_t trial_id, Reader& reader) {
  v1::TrialDetail detail;
  EB_ASSIGN_OR_RETURN(*detail.mutable_status(), reader.GetTrial(trial_id));
  EB_ASSIGN_OR_RETURN(const v1::SweepStatus sweep,
                      reader.GetSweepStatus(detail.status().trial().sweep_id()));
  detail.set_sweep_name(sweep.name());
  EB_ASSIGN_OR_RETURN(std::vector<v1::Breakdown> groups, reader.Breakdowns(trial_id));
  for (v1::Breakdown& group : groups) {
    const ScoreInterval interval =
        WilsonInterval(group.score(), static_cast<double>(group.samples()));
    group.mutable_interval()->set_low(interval.low);
    group.mutable_interval()->set_high(interval.high);
    *detail.add_breakdown() = std::move(group);
  }
  EB_ASSIGN_OR_RETURN(const TrialOutcomes outcomes, ReadOutcomes(reader, trial_id));
  if (auto uncertainty = UncertaintyOf({&outcomes, 1}, /*with_curves=*/true)) {
    *detail.mutable_uncertainty() = *std::move(uncertainty);
  }
  for (const auto& [name, value] : outcomes.metrics) (*detail.mutable_metrics())[name] = value;
  EB_ASSIGN_OR_RETURN(const std::vector<std::string> series, reader.SeriesNames(trial_id));
  for (const std::string& name : series) detail.add_series(name);
  return detail;
}

}  // namespace entrobench
