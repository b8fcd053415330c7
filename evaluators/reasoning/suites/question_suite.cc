#include "evaluators/reasoning/suites/question_suite.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace entrobench {

QuestionSuite::QuestionSuite(QuestionList questions, std::shared_ptr<const Checker> checker,
                             Settings settings)
    : questions_(std::move(questions)),
      checker_(std::move(checker)),
      settings_(std::move(settings)) {}

uint64_t QuestionSuite::size() const { return questions_->size(); }

Problem QuestionSuite::GetProblem(uint64_t id) const {
  Problem problem;
  problem.id = id;
  problem.question = questions_->at(id).text;
  problem.prompt = BuildPrompt(settings_.style, problem.question, settings_.shots);
  problem.max_tokens = settings_.max_tokens;
  problem.read_answer = [checker = checker_](absl::string_view text) {
    return checker->Read(text).answer;
  };
  return problem;
}

std::string QuestionSuite::Group(uint64_t id) const { return questions_->at(id).group; }

Judgement QuestionSuite::Judge(uint64_t id, const std::string& solution) const {
  Reading reading = checker_->Read(solution);
  Judgement judgement;
  judgement.gold = questions_->at(id).gold;
  judgement.score = !reading.answer.empty() && reading.answer == judgement.gold ? 1 : 0;
  if (reading.answer.empty()) {
    judgement.explanation =
        absl::StrCat("no answer (", reading.found, "); right is ", judgement.gold);
  } else {
    judgement.explanation = absl::StrCat(
        reading.answer, " (", reading.found, ") is ",
        judgement.score > 0 ? "right" : absl::StrCat("wrong; right is ", judgement.gold));
  }
  judgement.answer = std::move(reading.answer);
  return judgement;
}

std::vector<std::string> QuestionSuite::StopStrings() const { return settings_.stop; }

}  // namespace entrobench
