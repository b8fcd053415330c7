#include "evaluators/reasoning/prompts/prompt_style.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace entrobench {
namespace {

// One pass: braces in the question itself stay as they are.
std::string Fill(absl::string_view text, absl::string_view question) {
  return absl::StrReplaceAll(text, {{"{question}", question}});
}

}  // namespace

PromptStyle DefaultStyle(AnswerFormat format, absl::string_view kind) {
  PromptStyle style;
  style.user = format == AnswerFormat::kBoxed
                   ? absl::StrCat("{question}\n\nSolve this step by step. Put the final ", kind,
                                  " in \\boxed{}.")
                   : absl::StrCat(
                         "{question}\n\nSolve this step by step. End with a line that holds only "
                         "\"#### \" and the final ",
                         kind, ".");
  style.plain = "Question: {question}\nAnswer:";
  return style;
}

PromptStyle CustomStyle(absl::string_view text) {
  const absl::string_view trimmed = absl::StripTrailingAsciiWhitespace(text);
  PromptStyle style;
  style.user = std::string(trimmed);
  style.plain = std::string(trimmed);
  return style;
}

Prompt BuildPrompt(const PromptStyle& style, absl::string_view question,
                   absl::Span<const Example> shots) {
  Prompt prompt;
  for (const Example& shot : shots) {
    prompt.messages.emplace_back("user", Fill(style.user, shot.question));
    prompt.messages.emplace_back("assistant", shot.solution);
    absl::StrAppend(&prompt.plain, Fill(style.plain, shot.question), " ", shot.solution, "\n\n");
  }
  prompt.messages.emplace_back("user", Fill(style.user, question));
  absl::StrAppend(&prompt.plain, Fill(style.plain, question));
  return prompt;
}

}  // namespace entrobench
