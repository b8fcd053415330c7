// How people name sweeps and trials: "s12", "12" or a sweep's name; "t345" or "345".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/client.h"

namespace entrobench::cli {

std::string SweepName(uint64_t id);  // "s12"
std::string TrialName(uint64_t id);  // "t345"

// The number of "<letter>12" or "12"; absent for anything else and for 0.
std::optional<uint64_t> ParseId(char letter, absl::string_view text);

// The sweep's id. A name must belong to one sweep only; NotFound suggests the nearest name.
absl::StatusOr<uint64_t> ResolveSweep(Client& client, const std::string& reference);

// InvalidArgument says how to list the trials.
absl::StatusOr<uint64_t> ResolveTrial(const std::string& reference);

// "no method is called 'topp'; did you mean 'top-p'?"
absl::Status NoSuch(absl::string_view what, absl::string_view name,
                    const std::vector<std::string>& known);

}  // namespace entrobench::cli
