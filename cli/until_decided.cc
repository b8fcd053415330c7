#include "cli/until_decided.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/format.h"
#include "cli/reference.h"
#include "cli/sweep_text.h"
#include "cli/who.h"
#include "common/status_macros.h"

namespace entrobench::cli {
namespace {

// A sweep that is run again with more seeds: what it ran already is reused.
class GrowingSweep {
 public:
  GrowingSweep(Client* client, uint64_t id) : client_(client), id_(id) {}

  uint64_t id() const { return id_; }

  absl::StatusOr<v1::SweepStatus> Look() {
    EB_ASSIGN_OR_RETURN(const v1::GetSweepReply sweep, client_->GetSweep(id_));
    yaml_ = sweep.yaml();
    name_ = sweep.status().name();
    seeds_.clear();
    cells_.clear();
    methods_.clear();
    for (const v1::TrialStatus& trial : sweep.trials()) {
      seeds_.insert(trial.trial().seed());
      cells_.insert(trial.trial().cell());
      methods_.insert({trial.trial().method().id(), trial.trial().method().version()});
    }
    return sweep.status();
  }

  // After a Look.
  const std::set<uint64_t>& seeds() const { return seeds_; }
  const std::set<std::string>& cells() const { return cells_; }
  const std::set<std::pair<std::string, std::string>>& methods() const { return methods_; }

  absl::Status Grow(const std::set<uint64_t>& seeds) {
    v1::SubmitSweepRequest request;
    const std::string base = name_.substr(0, name_.find(" with seeds "));
    const std::vector<uint64_t> list(seeds.begin(), seeds.end());
    EB_ASSIGN_OR_RETURN(
        std::string yaml,
        WithSeeds(yaml_, absl::StrCat(base, " with seeds ", list.front(), "-", list.back()), list));
    request.set_yaml(std::move(yaml));
    request.set_file_name(absl::StrCat(SweepName(id_), " with more seeds"));
    EB_ASSIGN_OR_RETURN(const v1::SubmitSweepReply reply, client_->SubmitSweep(request));
    id_ = reply.sweep().id();
    return absl::OkStatus();
  }

 private:
  Client* const client_;
  uint64_t id_;
  std::string yaml_;
  std::string name_;
  std::set<uint64_t> seeds_;
  std::set<std::string> cells_;
  std::set<std::pair<std::string, std::string>> methods_;  // id, version
};

constexpr absl::Duration kLookPause = absl::Seconds(1);

// Looks after every job. When both sweeps have ended and nothing is decided, the candidate gets the
// seeds that the baseline has, then both get more; as long as that is honest (see MayGrow).
class UntilDecided {
 public:
  UntilDecided(Context* context, Client* client, v1::GateRequest request, uint64_t max_samples,
               uint64_t baseline_sweep)
      : context_(*context),
        client_(*client),
        request_(std::move(request)),
        max_samples_(max_samples),
        given_(request_.candidate_sweep_id()),
        baseline_(client, baseline_sweep),
        candidate_(client, request_.candidate_sweep_id()) {
    request_.set_sequential(true);
  }

  absl::StatusOr<v1::GateReport> Run() {
    for (;;) {
      EB_ASSIGN_OR_RETURN(const v1::SweepStatus before, baseline_.Look());
      EB_ASSIGN_OR_RETURN(const v1::SweepStatus after, candidate_.Look());
      for (const v1::SweepStatus* sweep : {&before, &after}) {
        if (sweep->state() == v1::STATE_FAILED || sweep->state() == v1::STATE_CANCELLED) {
          return absl::FailedPreconditionError(
              absl::StrCat(SweepName(sweep->id()), " ", StateWord(sweep->state()),
                           "; see: entrobench status ", SweepName(sweep->id())));
        }
      }
      const bool running =
          before.state() == v1::STATE_RUNNING || after.state() == v1::STATE_RUNNING;
      request_.set_candidate_sweep_id(candidate_.id());
      request_.set_record(false);
      absl::StatusOr<v1::GateReport> report = client_.RunGate(request_);
      if (absl::IsFailedPrecondition(report.status()) && running) {
        // Nothing to compare yet.
      } else if (!report.ok()) {
        return report.status();
      } else if (report->verdict() != v1::VERDICT_INCONCLUSIVE) {
        // A job may have ended since that look; what is recorded is what counts.
        EB_ASSIGN_OR_RETURN(v1::GateReport recorded, Record());
        if (recorded.verdict() != v1::VERDICT_INCONCLUSIVE) {
          EB_RETURN_IF_ERROR(StopCandidate(after));
          return recorded;
        }
      } else if (!running) {
        EB_ASSIGN_OR_RETURN(const bool grew, Grow(*report, after));
        if (!grew) return Record();
        continue;
      }
      if (context_.wait(kLookPause)) return absl::CancelledError("interrupted");
    }
  }

 private:
  absl::StatusOr<v1::GateReport> Record() {
    request_.set_record(true);
    return client_.RunGate(request_);
  }

  // What was submitted here and is needed no more. (A larger baseline runs on: it stays.)
  absl::Status StopCandidate(const v1::SweepStatus& candidate) {
    if (candidate_.id() == given_ || candidate.state() != v1::STATE_RUNNING) {
      return absl::OkStatus();
    }
    Say(absl::StrCat("Decided: cancelling the rest of ", SweepName(candidate_.id()), "."));
    return client_.CancelSweep(candidate_.id()).status();
  }

  void Say(absl::string_view text) const { context_.err << text << '\n' << std::flush; }

  // False, having said why: more seeds would not be of what they claim to be.
  absl::StatusOr<bool> MayGrow(bool baseline_too) {
    for (const std::string& cell : candidate_.cells()) {
      if (cell.empty() || !baseline_.cells().contains(cell)) continue;
      Say("No more seeds: candidate and baseline are the same version of a method with the same "
          "parameters, so the seeds of one would be taken for the other's. Raise the version, or "
          "submit the candidate with all its seeds at once (--fresh) and gate it while it runs.");
      return false;
    }
    if (!baseline_too) return true;
    EB_ASSIGN_OR_RETURN(const v1::ListMethodsReply catalogue, client_.ListMethods());
    for (const auto& [id, version] : baseline_.methods()) {
      const bool current =
          std::any_of(catalogue.methods().begin(), catalogue.methods().end(),
                      [&id = id, &version = version](const v1::MethodInfo& method) {
                        return method.id() == id && method.version() == version;
                      });
      if (current) continue;
      Say(absl::StrCat("No more seeds: the baseline's version ", version, " of ", id,
                       " is no longer there to run; give a baseline more seeds when it is set."));
      return false;
    }
    return true;
  }

  // False, having said why: not possible, or more than max_samples.
  absl::StatusOr<bool> Grow(const v1::GateReport& report, const v1::SweepStatus& after) {
    if (candidate_.seeds().empty() || baseline_.seeds().empty()) return false;
    const uint64_t per_seed = std::max<uint64_t>(1, after.samples() / candidate_.seeds().size());
    uint64_t wanted = 1, pairs_per_seed = 1;
    for (const v1::GateCheck& check : report.checks()) {
      if (check.verdict() != v1::VERDICT_INCONCLUSIVE) continue;
      wanted = std::max(wanted, check.more_samples());
      pairs_per_seed = std::max(pairs_per_seed, check.comparison().problems());
    }
    const uint64_t affordable = max_samples_ / per_seed;
    const uint64_t goal = std::min(
        affordable, candidate_.seeds().size() + (wanted + pairs_per_seed - 1) / pairs_per_seed);
    // The seeds that the candidate is to have: its own, the baseline's, then new ones.
    std::set<uint64_t> seeds = candidate_.seeds();
    for (const uint64_t seed : baseline_.seeds()) {
      if (seeds.size() < goal) seeds.insert(seed);
    }
    for (uint64_t next = *seeds.rbegin() + 1; seeds.size() < goal; ++next) seeds.insert(next);
    if (seeds == candidate_.seeds()) {
      Say(absl::StrCat("Not decided within --max-samples ", max_samples_, "."));
      return false;
    }
    const bool baseline_too = seeds.size() > baseline_.seeds().size();
    EB_ASSIGN_OR_RETURN(const bool may, MayGrow(baseline_too));
    if (!may) return false;
    Say(absl::StrCat("Not decided after ", FormatCount(after.samples_done()), " samples: now ",
                     CountOf(seeds.size(), "seed"), "."));
    if (baseline_too) EB_RETURN_IF_ERROR(GrowBaseline(seeds));
    EB_RETURN_IF_ERROR(candidate_.Grow(seeds));
    return true;
  }

  // The baseline then names the larger sweep.
  absl::Status GrowBaseline(std::set<uint64_t> seeds) {
    seeds.insert(baseline_.seeds().begin(), baseline_.seeds().end());
    EB_RETURN_IF_ERROR(baseline_.Grow(seeds));
    v1::SetBaselineRequest set;
    set.set_name(request_.baseline());
    set.set_sweep_id(baseline_.id());
    set.set_set_by(WhoAmI(context_));
    set.set_note(absl::StrCat("the same with more seeds, to judge ", SweepName(candidate_.id())));
    return client_.SetBaseline(set).status();
  }

  Context& context_;
  Client& client_;
  v1::GateRequest request_;
  const uint64_t max_samples_;
  const uint64_t given_;  // the candidate as the user named it
  GrowingSweep baseline_;
  GrowingSweep candidate_;
};

}  // namespace

absl::StatusOr<v1::GateReport> GateUntilDecided(Context& context, Client& client,
                                                const v1::GateRequest& request,
                                                uint64_t max_samples, uint64_t baseline_sweep) {
  return UntilDecided(&context, &client, request, max_samples, baseline_sweep).Run();
}

}  // namespace entrobench::cli
