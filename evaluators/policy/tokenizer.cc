#include "evaluators/policy/tokenizer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "llama.h"

namespace entrobench::policy {

struct Tokenizer::State {
  llama_model* model = nullptr;
  const llama_vocab* vocab = nullptr;
  ~State() { llama_model_free(model); }
};

Tokenizer::Tokenizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tokenizer::~Tokenizer() = default;

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::Load(const std::string& path) {
  llama_model_params params = llama_model_default_params();
  params.vocab_only = true;
  auto state = std::make_unique<State>();
  state->model = llama_model_load_from_file(path.c_str(), params);
  if (state->model == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": llama.cpp cannot load this vocabulary"));
  }
  state->vocab = llama_model_get_vocab(state->model);
  return std::unique_ptr<Tokenizer>(new Tokenizer(std::move(state)));
}

std::vector<int32_t> Tokenizer::Encode(std::string_view text) const {
  std::vector<int32_t> ids(text.size() + 1);  // a token is at least a byte
  const int32_t count = llama_tokenize(
      state_->vocab, text.data(), static_cast<int32_t>(text.size()), ids.data(),
      static_cast<int32_t>(ids.size()), /*add_special=*/false, /*parse_special=*/false);
  ids.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return ids;
}

std::string Tokenizer::Decode(absl::Span<const int32_t> ids) const {
  std::string text;
  char piece[256];
  for (const int32_t id : ids) {
    const int32_t length = llama_token_to_piece(state_->vocab, id, piece, sizeof(piece),
                                                /*lstrip=*/0, /*special=*/false);
    if (length > 0) text.append(piece, static_cast<size_t>(length));
  }
  return text;
}

int32_t Tokenizer::end_of_text() const { return llama_vocab_eos(state_->vocab); }
int32_t Tokenizer::padding() const { return llama_vocab_pad(state_->vocab); }
int Tokenizer::size() const { return llama_vocab_n_tokens(state_->vocab); }

}  // namespace entrobench::policy
