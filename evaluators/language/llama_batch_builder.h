// The rows of one llama_decode.
#pragma once

#include "evaluators/language/distribution.h"
#include "llama.h"

namespace entrobench {

class LlamaBatchBuilder {
 public:
  explicit LlamaBatchBuilder(int most_rows) : batch_(llama_batch_init(most_rows, 0, 1)) {}
  ~LlamaBatchBuilder() { llama_batch_free(batch_); }
  LlamaBatchBuilder(const LlamaBatchBuilder&) = delete;
  LlamaBatchBuilder& operator=(const LlamaBatchBuilder&) = delete;

  void Clear() { batch_.n_tokens = 0; }

  // At most `most_rows` rows. Returns the row's index, by which its logits are asked for.
  int Add(Token token, int position, int lane, bool wants_logits) {
    const int row = batch_.n_tokens++;
    batch_.token[row] = token;
    batch_.pos[row] = position;
    batch_.n_seq_id[row] = 1;
    batch_.seq_id[row][0] = lane;
    batch_.logits[row] = wants_logits ? 1 : 0;
    return row;
  }

  int rows() const { return batch_.n_tokens; }
  const llama_batch& batch() const { return batch_; }

 private:
  llama_batch batch_;
};

}  // namespace entrobench
