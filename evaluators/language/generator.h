// What a method sees of a language model: prompts in, sequences out. A method is a coroutine that
// writes as if it were alone; every co_await is a point where the engine may batch its token with
// those of other problems and branches.
//
// Errors never reach a method: when the model cannot go on with a problem (the prompt is longer
// than the context, an endpoint is gone), its coroutine is not resumed but destroyed where it
// waits, and the problem's sample records the reason.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/random.h"
#include "evaluators/language/distribution.h"
#include "evaluators/language/task.h"

namespace entrobench {

// A prompt in both of its forms; the model decides which it takes: `messages` through its chat
// template where it has one, else `plain`.
struct ChatMessage {
  ChatMessage(std::string r, std::string c) : role(std::move(r)), content(std::move(c)) {}
  std::string role;  // "system", "user", "assistant"
  std::string content;
};
struct Prompt {
  Prompt() = default;
  std::vector<ChatMessage> messages;
  std::string plain;
};

enum class Finish { kRunning, kStop, kLength, kAbandoned };

// What the model said of one generated token, under its own distribution (temperature 1), in nats.
struct TokenStats {
  float logprob = 0;
  float entropy = 0;
  float varentropy = 0;  // nats^2
};

// One line of text that grew, finished or not.
struct Generation {
  std::string text;               // without the stop string
  std::vector<Token> tokens;      // empty for an endpoint
  std::vector<TokenStats> stats;  // one a token; empty where the model does not tell
  Finish finish = Finish::kRunning;

  double mean_logprob() const;  // 0 for no tokens
  double mean_entropy() const;
};

class SequenceState;  // the engine's side

// A sequence that a method steps token by token. Move-only; giving it up frees its place in the
// model's cache. Needs CAPABILITY_STEP.
class Sequence {
 public:
  explicit Sequence(std::unique_ptr<SequenceState> state);
  ~Sequence();
  Sequence(Sequence&&) noexcept;
  Sequence& operator=(Sequence&&) noexcept;

  // True after an end-of-text token, a stop string, the token limit or the end of the context.
  bool done() const;

  // The model's distribution of the next token. Only while !done(); valid until the next co_await
  // of this sequence.
  const Distribution& distribution() const;

  // This branch's own stream: no other branch, problem or trial shares a number with it.
  Random& rng();

  // Adds a token and computes what follows it. co_await it.
  Task<void> Append(Token token);

  // A branch from here: same text so far, a stream of its own. co_await it. Needs CAPABILITY_FORK
  // and a place declared in the method's Demand.
  Task<Sequence> Fork();

  // Ends the sequence here: done() from now on, finish kStop.
  void End();

  const Generation& generation() const;
  const std::string& text() const { return generation().text; }
  int branch() const;  // index within the problem, in order of creation

 private:
  std::unique_ptr<SequenceState> state_;
};

// Settings of a generation whose tokens need no decision of the method between them.
struct Decoding {
  Decoding() = default;
  double temperature = 1.0;  // 0: greedy
  double top_p = 1.0;        // 1: off
  double min_p = 0.0;        // 0: off
  int max_tokens = 0;        // 0: the problem's limit
};

class Generator {
 public:
  virtual ~Generator() = default;

  // Computes the prompt; the sequence stands before its first generated token. Needs
  // CAPABILITY_STEP.
  virtual Task<Sequence> Prefill(const Prompt& prompt) = 0;

  // A whole generation in one call; works on endpoints too. The n-th call of a problem uses the
  // n-th stream.
  virtual Task<Generation> Generate(const Prompt& prompt, const Decoding& decoding) = 0;

  // `count` independent generations from one prompt, which is computed once.
  virtual Task<std::vector<Generation>> GenerateMany(const Prompt& prompt, const Decoding& decoding,
                                                     int count) = 0;

  // Text of one token, as bytes (may be part of a UTF-8 character).
  virtual std::string TokenText(Token token) const = 0;
  virtual int vocabulary_size() const = 0;
};

}  // namespace entrobench
