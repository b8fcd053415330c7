// The adaptation family: a suite's images, as a stream, through a method on a network, judged. The
// only place where suites, methods and networks meet.
#pragma once

#include <memory>

#include "evaluators/runtime/family.h"

namespace entrobench {

std::unique_ptr<Family> NewAdaptationFamily();

}  // namespace entrobench
