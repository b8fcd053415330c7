// Keeps as many problems in flight as a stepper has lanes for, first come first served.
#pragma once

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "evaluators/language/language_model.h"
#include "evaluators/language/stepper.h"

namespace entrobench {

// LanguageModel::Run on a stepper. A problem begins once the lanes that it declares are free of all
// declarations of those in flight, and none overtakes another: so lanes cannot run out and every
// problem gets its turn. One that declares more lanes than there are fails alone.
absl::Status RunProblems(Stepper* stepper, const std::function<std::optional<Work>()>& next,
                         const std::function<bool()>& cancelled);

}  // namespace entrobench
