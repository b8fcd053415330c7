// The questions of the suites that the project makes itself.
#pragma once

#include <cstdint>

#include "evaluators/reasoning/problems/generated_problem.h"
#include "evaluators/reasoning/suites/question_suite.h"

namespace entrobench {

// The first `count` test problems of a generator, leaving out repetitions (equal canonical form).
QuestionList GeneratedQuestions(GeneratedProblem (*generate)(Split, uint64_t), uint64_t count);

}  // namespace entrobench
