#include "evaluators/language/chat_template.h"

#include <algorithm>

#include "common/logging.h"

namespace entrobench {

std::optional<ChatTemplate> ChatTemplate::Of(const llama_model* model) {
  const char* text = llama_model_chat_template(model, nullptr);
  if (text == nullptr) return std::nullopt;
  ChatTemplate chat_template(text);
  std::string rendered;
  if (chat_template.Apply({ChatMessage("user", "Hello")}, &rendered) < 0) {
    EB_LOG(WARNING)
        << "the model's chat template is of no family that llama.cpp knows: prompts are "
           "given as plain text";
    return std::nullopt;
  }
  return chat_template;
}

int ChatTemplate::Apply(const std::vector<ChatMessage>& messages, std::string* rendered) const {
  std::vector<llama_chat_message> views;
  size_t size = 256;
  for (const ChatMessage& message : messages) {
    views.push_back({message.role.c_str(), message.content.c_str()});
    size += 2 * message.content.size() + message.role.size() + 64;
  }
  rendered->resize(size);
  const auto apply = [&] {
    return llama_chat_apply_template(text_.c_str(), views.data(), views.size(),
                                     /*add_ass=*/true, rendered->data(),
                                     static_cast<int32_t>(rendered->size()));
  };
  int32_t length = apply();
  if (length > static_cast<int32_t>(rendered->size())) {
    rendered->resize(static_cast<size_t>(length));
    length = apply();
  }
  rendered->resize(static_cast<size_t>(std::max(length, 0)));
  return length;
}

std::string ChatTemplate::Render(const std::vector<ChatMessage>& messages) const {
  std::string rendered;
  Apply(messages, &rendered);
  return rendered;
}

}  // namespace entrobench
