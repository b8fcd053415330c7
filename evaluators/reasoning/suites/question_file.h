// Questions from a JSONL file, as a suite definition says.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "evaluators/reasoning/suites/jsonl.h"
#include "evaluators/reasoning/suites/question_suite.h"
#include "evaluators/reasoning/suites/suite_definition.h"

namespace entrobench {

// Hands over every good question in the file's order and adds every error; keeps none of them.
// Returns how many were good.
uint64_t ReadQuestions(const SuiteDefinition& definition, const std::string& path,
                       const std::function<void(Question)>& take, FileErrors* errors);

}  // namespace entrobench
