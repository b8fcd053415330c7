// A model's way of writing a conversation as one text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluators/language/generator.h"
#include "llama.h"

namespace entrobench {

class ChatTemplate {
 public:
  // The model's own template. None for a base model, and none, with a warning, for a template that
  // llama.cpp does not know (it recognises the usual families and runs no Jinja).
  static std::optional<ChatTemplate> Of(const llama_model* model);

  // Ends where the assistant's next answer begins.
  std::string Render(const std::vector<ChatMessage>& messages) const;

 private:
  explicit ChatTemplate(std::string text) : text_(std::move(text)) {}

  // The length of the rendered text, or -1 for a template that llama.cpp does not know.
  int Apply(const std::vector<ChatMessage>& messages, std::string* rendered) const;

  std::string text_;
};

}  // namespace entrobench
