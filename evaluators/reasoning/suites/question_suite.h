// The suite that all reasoning suites are: a list of questions, a way to put them, a checker.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "evaluators/reasoning/answers/checker.h"
#include "evaluators/reasoning/prompts/prompt_style.h"
#include "evaluators/reasoning/suite.h"

namespace entrobench {

struct Question {
  std::string text;
  std::string gold;   // canonical under the suite's checker
  std::string group;  // may be empty
};

using QuestionList = std::shared_ptr<const std::vector<Question>>;

class QuestionSuite final : public Suite {
 public:
  struct Settings {
    PromptStyle style;
    std::vector<Example> shots;  // shown before every question
    std::vector<std::string> stop;
    int max_tokens = 512;
  };

  QuestionSuite(QuestionList questions, std::shared_ptr<const Checker> checker, Settings settings);

  uint64_t size() const override;
  Problem GetProblem(uint64_t id) const override;
  std::string Group(uint64_t id) const override;
  Judgement Judge(uint64_t id, const std::string& solution) const override;
  std::vector<std::string> StopStrings() const override;

 private:
  const QuestionList questions_;
  const std::shared_ptr<const Checker> checker_;
  const Settings settings_;
};

}  // namespace entrobench
