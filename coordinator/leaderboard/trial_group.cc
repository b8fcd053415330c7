#include "coordinator/leaderboard/trial_group.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/value.h"

namespace entrobench {
namespace {

// An ordered trial says things of itself with its end; and what one recorded that did not end well
// is deleted when it is tried again.
bool IsComplete(const v1::TrialStatus& trial) {
  if (trial.trial().suite().ordered() && trial.state() != v1::STATE_DONE) return false;
  return trial.totals().samples() >= trial.trial().samples();
}

// What two trials must share to be one row; line breaks cannot stand in any part.
std::string GroupIdentity(const v1::Trial& trial) {
  const v1::ModelConfig& model = trial.model();
  return absl::StrJoin(
      {trial.method().id(), trial.method().version(), CanonicalParams(trial.method().params()),
       model.digest().empty()
           ? absl::StrCat(model.name(), " ", model.endpoint_url(), " ", model.endpoint_model())
           : model.digest(),
       trial.suite().id(), trial.suite().digest(), CanonicalParams(trial.suite().options()),
       std::string(trial.deterministic() ? "deterministic" : "")},
      "\n");
}

auto Worth(const v1::TrialStatus& trial) {
  return std::make_tuple(IsComplete(trial), trial.totals().samples(), trial.trial().id());
}

}  // namespace

std::string TrialGroup::Key() const {
  std::vector<uint64_t> ids;
  ids.reserve(trials.size());
  for (const v1::TrialStatus& trial : trials) ids.push_back(trial.trial().id());
  std::sort(ids.begin(), ids.end());
  return absl::StrJoin(ids, ",");
}

uint64_t TrialGroup::samples() const {
  uint64_t sum = 0;
  for (const v1::TrialStatus& trial : trials) sum += trial.totals().samples();
  return sum;
}

bool TrialGroup::complete() const { return std::all_of(trials.begin(), trials.end(), IsComplete); }

std::string BlockKey(const v1::Trial& trial) {
  const v1::ModelConfig& model = trial.model();
  return absl::StrJoin({model.digest().empty() ? model.name() : model.digest(),
                        trial.suite().digest(), CanonicalParams(trial.suite().options())},
                       "\n");
}

std::string SweepBlockKey(const std::string& block, uint64_t sweep_id) {
  return absl::StrCat(block, "\nsweep ", sweep_id);
}

std::vector<TrialGroup> GroupTrials(std::vector<v1::TrialStatus> trials) {
  std::map<std::string, std::map<uint64_t, v1::TrialStatus>> by_seed;
  for (v1::TrialStatus& trial : trials) {
    v1::TrialStatus& kept = by_seed[GroupIdentity(trial.trial())][trial.trial().seed()];
    if (kept.trial().id() == 0 || Worth(kept) < Worth(trial)) kept = std::move(trial);
  }
  std::vector<TrialGroup> groups;
  groups.reserve(by_seed.size());
  for (auto& [identity, seeds] : by_seed) {
    TrialGroup& group = groups.emplace_back();
    for (auto& [seed, trial] : seeds) group.trials.push_back(std::move(trial));
  }
  return groups;
}

}  // namespace entrobench
