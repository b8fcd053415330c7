#include "evaluators/policy/bpe_trainer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace entrobench::policy {
namespace {

enum class Kind { kLetter, kDigit, kLineBreak, kSpace, kOther };

Kind KindOf(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || byte >= 0x80) return Kind::kLetter;
  if (c >= '0' && c <= '9') return Kind::kDigit;
  if (c == '\n' || c == '\r') return Kind::kLineBreak;
  if (c == ' ' || (c >= '\t' && c <= '\f')) return Kind::kSpace;
  return Kind::kOther;
}

// Length of a contraction ('s, 't, 're, ...) at the front of `text`, or 0.
size_t ContractionLength(std::string_view text) {
  if (text.size() < 2 || text[0] != '\'') return 0;
  const auto lower = [&](size_t i) { return i < text.size() ? (text[i] | 0x20) : 0; };
  const int first = lower(1);
  const int second = lower(2);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  const bool two_letters = (first == 'r' && second == 'e') || (first == 'v' && second == 'e') ||
                           (first == 'l' && second == 'l');
  return two_letters ? 3 : 0;
}

// Length of the first word of non-empty `text`; the alternatives stand in the order of the qwen2
// expression.
size_t FirstWordLength(std::string_view text) {
  if (const size_t contraction = ContractionLength(text)) return contraction;
  const auto run = [&](size_t from, auto&& accepts) {
    while (from < text.size() && accepts(KindOf(text[from]))) ++from;
    return from;
  };
  const auto is = [](Kind wanted) { return [wanted](Kind kind) { return kind == wanted; }; };
  const Kind first = KindOf(text[0]);
  const size_t letters_from =
      first == Kind::kLetter || first == Kind::kDigit || first == Kind::kLineBreak ? 0 : 1;
  if (const size_t end = run(letters_from, is(Kind::kLetter)); end > letters_from) return end;
  if (first == Kind::kDigit) return 1;
  const size_t punctuation_from = text[0] == ' ' ? 1 : 0;
  if (const size_t end = run(punctuation_from, is(Kind::kOther)); end > punctuation_from) {
    return run(end, is(Kind::kLineBreak));
  }
  const size_t blank_end =
      run(0, [](Kind kind) { return kind == Kind::kSpace || kind == Kind::kLineBreak; });
  if (const size_t last_break = text.substr(0, blank_end).find_last_of("\r\n");
      last_break != std::string_view::npos) {
    return last_break + 1;
  }
  // Leave the last blank to the word that follows.
  return blank_end > 1 && blank_end < text.size() ? blank_end - 1 : blank_end;
}

std::string Utf8(int code_point) {
  if (code_point < 0x80) return std::string(1, static_cast<char>(code_point));
  return {static_cast<char>(0xC0 | (code_point >> 6)),
          static_cast<char>(0x80 | (code_point & 0x3F))};
}

// GPT-2's alphabet: printable Latin-1 stands for itself, every other byte for the next code point
// from 256 on.
std::array<std::string, 256> ByteAlphabet() {
  std::array<std::string, 256> alphabet;
  int next = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const bool printable =
        (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    alphabet[static_cast<size_t>(byte)] = Utf8(printable ? byte : next++);
  }
  return alphabet;
}

struct Word {
  std::vector<int> ids;
  int64_t count = 0;
};

}  // namespace

std::vector<std::string_view> SplitIntoWords(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t length = FirstWordLength(text);
    words.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return words;
}

BpeVocabulary TrainBpe(absl::Span<const std::string> texts, int size) {
  BpeVocabulary vocabulary;
  vocabulary.tokens = {"<|endoftext|>", "<|pad|>"};
  const int first_byte = static_cast<int>(vocabulary.tokens.size());
  for (const std::string& symbol : ByteAlphabet()) vocabulary.tokens.push_back(symbol);

  std::map<std::string_view, int64_t> counts;
  for (const std::string& text : texts) {
    for (const std::string_view word : SplitIntoWords(text)) ++counts[word];
  }
  std::vector<Word> words;
  for (const auto& [bytes, count] : counts) {
    Word& word = words.emplace_back();
    word.count = count;
    for (const char c : bytes) word.ids.push_back(first_byte + static_cast<unsigned char>(c));
  }

  while (static_cast<int>(vocabulary.tokens.size()) < size) {
    std::map<std::pair<int, int>, int64_t> pairs;
    for (const Word& word : words) {
      for (size_t i = 0; i + 1 < word.ids.size(); ++i)
        pairs[{word.ids[i], word.ids[i + 1]}] += word.count;
    }
    const auto text_of = [&](const std::pair<int, int>& pair) {
      return absl::StrCat(vocabulary.tokens[static_cast<size_t>(pair.first)], " ",
                          vocabulary.tokens[static_cast<size_t>(pair.second)]);
    };
    std::pair<int, int> best{-1, -1};
    int64_t best_count = 1;
    for (const auto& [pair, count] : pairs) {
      if (count > best_count ||
          (count == best_count && best.first >= 0 && text_of(pair) < text_of(best))) {
        best = pair;
        best_count = count;
      }
    }
    if (best.first < 0) break;
    const int merged = static_cast<int>(vocabulary.tokens.size());
    vocabulary.merges.push_back(text_of(best));
    vocabulary.tokens.push_back(absl::StrCat(vocabulary.tokens[static_cast<size_t>(best.first)],
                                             vocabulary.tokens[static_cast<size_t>(best.second)]));
    for (Word& word : words) {
      size_t kept = 0;
      for (size_t i = 0; i < word.ids.size(); ++i) {
        const bool is_best =
            i + 1 < word.ids.size() && word.ids[i] == best.first && word.ids[i + 1] == best.second;
        word.ids[kept++] = is_best ? merged : word.ids[i];
        if (is_best) ++i;
      }
      word.ids.resize(kept);
    }
  }
  return vocabulary;
}

}  // namespace entrobench::policy
