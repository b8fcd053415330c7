#include "cli/reference.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/nearest.h"
#include "common/status_macros.h"

namespace entrobench::cli {

std::string SweepName(uint64_t id) { return absl::StrCat("s", id); }
std::string TrialName(uint64_t id) { return absl::StrCat("t", id); }

std::optional<uint64_t> ParseId(char letter, absl::string_view text) {
  if (!text.empty() && absl::ascii_tolower(static_cast<unsigned char>(text[0])) == letter)
    text.remove_prefix(1);
  uint64_t id = 0;
  if (text.empty() || !std::all_of(text.begin(), text.end(), absl::ascii_isdigit))
    return std::nullopt;
  if (!absl::SimpleAtoi(text, &id) || id == 0) return std::nullopt;
  return id;
}

absl::StatusOr<uint64_t> ResolveSweep(Client& client, const std::string& reference) {
  if (const std::optional<uint64_t> id = ParseId('s', reference)) return *id;
  EB_ASSIGN_OR_RETURN(const v1::ListSweepsReply reply, client.ListSweeps());
  std::vector<std::string> names, matches;
  uint64_t found = 0;
  for (const v1::SweepStatus& sweep : reply.sweeps()) {
    names.push_back(sweep.name());
    if (sweep.name() != reference) continue;
    found = sweep.id();
    matches.push_back(SweepName(sweep.id()));
  }
  if (matches.size() == 1) return found;
  if (matches.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat("several sweeps are called '", reference,
                                                   "': ", absl::StrJoin(matches, ", "),
                                                   "; name one by its id"));
  }
  if (const std::string nearest = NearestName(reference, names); !nearest.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no sweep is called '", reference, "'; did you mean '", nearest, "'?"));
  }
  return absl::NotFoundError(
      absl::StrCat("no sweep is called '", reference, "'; `entrobench status` lists them all"));
}

absl::StatusOr<uint64_t> ResolveTrial(const std::string& reference) {
  if (const std::optional<uint64_t> id = ParseId('t', reference)) return *id;
  return absl::InvalidArgumentError(absl::StrCat(
      "'", reference,
      "' is not a trial, such as t345; `entrobench trials SWEEP` lists a sweep's trials"));
}

absl::Status NoSuch(absl::string_view what, absl::string_view name,
                    const std::vector<std::string>& known) {
  return absl::NotFoundError(
      absl::StrCat("no ", what, " is called '", name, "'", Suggestion(name, known)));
}

}  // namespace entrobench::cli
