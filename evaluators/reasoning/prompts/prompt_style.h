// How a suite puts its questions: the user's turn for a model with a chat template, plain text for
// one without.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "evaluators/language/generator.h"

namespace entrobench {

// How the answer is asked for.
enum class AnswerFormat {
  kHashes,  // a last line "#### answer"
  kBoxed,   // \boxed{answer}
};

struct PromptStyle {
  // The user's turn; "{question}" is replaced.
  std::string user;
  // The plain text before the solution; "{question}" is replaced. Without a space at its end:
  // models write the space.
  std::string plain;
};

// The question and one line that asks for steps and the format; plainly "Question:
// {question}\nAnswer:", which is what the tiny models were trained on. `kind` names what is asked
// for: "number", "letter of the right choice".
PromptStyle DefaultStyle(AnswerFormat format, absl::string_view kind);

// One template in place of both.
PromptStyle CustomStyle(absl::string_view text);

// A question with its worked solution, shown before the question that counts.
struct Example {
  std::string question;
  std::string solution;
};

// `shots` come first, in order: as turns of their own, or plainly, "Question: ...\nAnswer:
// solution\n\n".
Prompt BuildPrompt(const PromptStyle& style, absl::string_view question,
                   absl::Span<const Example> shots);

}  // namespace entrobench
