// What one branch has said so far, whether that is its end, and what the record keeps of it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "evaluators/language/distribution.h"
#include "evaluators/language/generator.h"
#include "evaluators/language/language_model.h"
#include "evaluators/language/stop_strings.h"
#include "evaluators/language/vocabulary.h"

namespace entrobench {

class Transcript {
 public:
  // Both pointers must outlive the transcript. `max_tokens` > 0 bounds its length.
  Transcript(const Vocabulary* vocabulary, const StopStrings* stop, int max_tokens, int keep_top)
      : vocabulary_(vocabulary), stop_(stop), max_tokens_(max_tokens), keep_top_(keep_top) {}

  // A copy goes on from the same text.
  Transcript(const Transcript&) = default;
  Transcript(Transcript&&) = default;
  Transcript& operator=(const Transcript&) = delete;

  bool done() const { return generation_.finish != Finish::kRunning; }
  int size() const { return static_cast<int>(generation_.tokens.size()); }
  const Generation& generation() const { return generation_; }

  // Adds a token and what the model said of it. An end-of-text token is counted and kept in the
  // statistics, but is no part of the text; neither is a stop string nor what follows it. Only
  // while !done().
  void Append(Token token, const Distribution& distribution);

  // Ends it for another reason; nothing where it has ended already.
  void End(Finish finish) {
    if (!done()) generation_.finish = finish;
  }

  // For the record: the pieces and the alternatives of each token.
  void Describe(BranchRecord* record) const;

 private:
  const Vocabulary* vocabulary_;
  const StopStrings* stop_;
  int max_tokens_;
  int keep_top_;
  Generation generation_;
  std::vector<std::vector<std::pair<Token, float>>> top_;  // one a token, if keep_top_ > 0
};

}  // namespace entrobench
