#include "evaluators/reasoning/answers/marked_answer.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace entrobench {
namespace {

// Content of the last closed box by where it begins. One pass: a stack of open braces.
std::optional<absl::string_view> LastBox(absl::string_view text) {
  struct Brace {
    size_t content;
    bool boxed;
  };
  std::vector<Brace> open;
  size_t last_begin = 0;
  std::optional<absl::string_view> last;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '{' || text[i + 1] == '}')) {
      ++i;  // an escaped brace is text
    } else if (text[i] == '{') {
      const absl::string_view before = text.substr(0, i);
      open.push_back(
          {i + 1, absl::EndsWith(before, "\\boxed") || absl::EndsWith(before, "\\fbox")});
    } else if (text[i] == '}' && !open.empty()) {
      const Brace brace = open.back();
      open.pop_back();
      const absl::string_view content =
          absl::StripAsciiWhitespace(text.substr(brace.content, i - brace.content));
      if (brace.boxed && brace.content > last_begin && !content.empty()) {
        last_begin = brace.content;
        last = content;
      }
    }
  }
  return last;
}

bool IsDecoration(char c) {
  return absl::string_view(" \t\r*:_").find(c) != absl::string_view::npos;
}

// The rest of the line behind a mark, or the next line with text.
absl::string_view Following(absl::string_view text, size_t from) {
  size_t begin = from;
  while (begin < text.size() && (IsDecoration(text[begin]) || text[begin] == '\n')) ++begin;
  const size_t end = std::min(text.find('\n', begin), text.size());
  return absl::StripAsciiWhitespace(text.substr(begin, end - begin));
}

// The sentence that begins the text: up to a stop that a space or nothing follows.
absl::string_view Sentence(absl::string_view text) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if ((text[i] == '.' || text[i] == '!' || text[i] == '?') && text[i + 1] == ' ')
      return text.substr(0, i);
  }
  return text;
}

}  // namespace

std::vector<MarkedAnswer> MarkedAnswers(absl::string_view solution) {
  std::vector<MarkedAnswer> answers;
  if (const std::optional<absl::string_view> box = LastBox(solution)) {
    answers.push_back({AnswerMark::kBoxed, *box});
  }
  if (const size_t hashes = solution.rfind("####"); hashes != absl::string_view::npos) {
    const absl::string_view text = Following(solution, hashes + 4);
    if (!text.empty()) answers.push_back({AnswerMark::kHashes, text});
  }
  const std::string lower = absl::AsciiStrToLower(solution);
  size_t behind = 0;
  for (const absl::string_view phrase : {"answer is", "answer:", "answer :"}) {
    const size_t at = lower.rfind(phrase.data(), std::string::npos, phrase.size());
    if (at != std::string::npos) behind = std::max(behind, at + phrase.size());
  }
  if (behind > 0) {
    const absl::string_view text = Sentence(Following(solution, behind));
    if (!text.empty()) answers.push_back({AnswerMark::kPhrase, text});
  }
  return answers;
}

absl::string_view MarkName(AnswerMark mark) {
  switch (mark) {
    case AnswerMark::kBoxed:
      return "\\boxed{}";
    case AnswerMark::kHashes:
      return "####";
    case AnswerMark::kPhrase:
      return "the answer is";
  }
  return "";
}

}  // namespace entrobench
