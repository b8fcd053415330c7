// Text to token ids and back, by llama.cpp itself: what the model is trained on is what it will be
// asked.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace entrobench::policy {

class Tokenizer {
 public:
  // Loads the vocabulary of a GGUF file; the weights are not read and need not be there.
  static absl::StatusOr<std::unique_ptr<Tokenizer>> Load(const std::string& path);
  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  // Adds no special token and reads none out of the text. Safe to call from several threads.
  std::vector<int32_t> Encode(std::string_view text) const;
  std::string Decode(absl::Span<const int32_t> ids) const;  // special tokens vanish
  int32_t end_of_text() const;
  int32_t padding() const;
  int size() const;

 private:
  struct State;
  explicit Tokenizer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace entrobench::policy
