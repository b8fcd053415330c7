// AIME-style problems: one template drawn, its answer counted by brute force.
#include <cstdlib>
#include <utility>

#include "evaluators/reasoning/problems/contest_template.h"
#include "evaluators/reasoning/problems/generated_problem.h"
#include "evaluators/reasoning/problems/split.h"

namespace entrobench {

std::vector<ContestTemplate> ContestTemplates() {
  std::vector<ContestTemplate> all;
  for (const auto part : {NumberTheoryTemplates(), CountingTemplates(), AlgebraTemplates()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

GeneratedProblem ContestProblem(Split split, uint64_t index) {
  static const auto& templates = *new std::vector<ContestTemplate>(ContestTemplates());
  // Neighbouring indices take different templates, so any slice of problems has about equally many
  // of each.
  const ContestTemplate& chosen = templates[index % templates.size()];
  for (uint64_t attempt = 0;; ++attempt) {
    Random random = ProblemStream("contest", split, index, attempt);
    std::optional<ContestDraft> draft = chosen.draw(random);
    if (!draft || draft->counted < 0 || draft->counted > 999) continue;
    std::string canonical = absl::StrCat("contest/", chosen.id, "/", draft->numbers);
    if (SplitOf(canonical) != split) continue;

    GeneratedProblem problem;
    problem.question = std::move(draft->question);
    for (const std::string& step : draft->steps) absl::StrAppend(&problem.solution, step, "\n");
    absl::StrAppend(&problem.solution, "#### ", draft->derived);
    problem.answer = absl::StrCat(draft->counted);
    problem.group = std::string(chosen.id);
    problem.canonical = std::move(canonical);
    return problem;
  }
}

}  // namespace entrobench
