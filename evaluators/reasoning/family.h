// The reasoning family: a suite's problems, through a method, on a language model, judged. The only
// place where suites, methods and models meet.
#pragma once

#include <memory>

#include "evaluators/runtime/family.h"

namespace entrobench {

std::unique_ptr<Family> NewReasoningFamily();

}  // namespace entrobench
