// Learns a byte-level byte-pair encoding (Sennrich et al. 2016; GPT-2's byte alphabet) from text.
// Only learns: text is encoded by libllama (tokenizer.h), so that training and inference cannot
// disagree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace entrobench::policy {

// What a GGUF file stores of a tokenizer. Ids are positions in `tokens`: the two special tokens,
// the 256 bytes, then one token a merge.
struct BpeVocabulary {
  std::vector<std::string> tokens;  // in GPT-2's printable byte alphabet ("Ġ" is a space)
  std::vector<std::string> merges;  // "left right", the most valuable first
  int end_of_text = 0;
  int padding = 1;
};

// The pieces that merges may not cross, as llama.cpp's pre-tokenizer "qwen2" cuts them: a word with
// the character before it, a single digit, a run of punctuation with its line breaks, white space.
// ASCII only: other bytes count as letters.
std::vector<std::string_view> SplitIntoWords(std::string_view text);

// Deterministic: of equally frequent pairs the alphabetically first is merged. `size` counts all
// tokens and must be at least 258; fewer come back when the text has no pair left that occurs
// twice.
BpeVocabulary TrainBpe(absl::Span<const std::string> texts, int size);

}  // namespace entrobench::policy
