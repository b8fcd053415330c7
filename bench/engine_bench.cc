// Tokens per second through the engine with a trivial method: every token through the coroutine,
// with its full distribution, entropy and statistics. Prints one line of JSON.
// bench/batched_bench.sh sets it beside llama.cpp's own batched bench.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "evaluators/language/language_model.h"

namespace entrobench {
namespace {

using Clock = std::chrono::steady_clock;

double Seconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

struct Settings {
  std::string model;
  ModelOptions options;
  int problems = 16;
  int prompt_tokens = 128;
  int tokens = 128;
  bool ragged = false;
};

struct Measured {
  int prompt_tokens = 0;
  int tokens = 0;
  double prompt_seconds = 0;  // until the last prompt was computed
  double token_seconds = 0;   // from there to the end
  double entropy = 0;         // mean, nats: proof that it was computed
};

// Tokens that are ordinary text: feeding these, no sequence ends before its limit.
std::vector<Token> OrdinaryTokens(const Generator& lm) {
  std::vector<Token> ordinary;
  for (Token token = 0; token < lm.vocabulary_size(); ++token) {
    const std::string text = lm.TokenText(token);
    if (!text.empty() && text[0] != '<') ordinary.push_back(token);
  }
  return ordinary;
}

// Takes the most probable token into account but appends another one: a greedy method whose texts
// have a fixed length.
Task<void> Step(Generator& lm, Prompt prompt, int tokens, Random rng, Clock::time_point* prompted,
                int64_t* agreed) {
  const std::vector<Token> ordinary = OrdinaryTokens(lm);
  Sequence s = co_await lm.Prefill(prompt);
  *prompted = std::max(*prompted, Clock::now());
  for (int i = 0; i < tokens && !s.done(); ++i) {
    const Token token = ordinary[rng.Below(ordinary.size())];
    *agreed += token == s.distribution().argmax() ? 1 : 0;
    co_await s.Append(token);
  }
}

// A prompt that shares no beginning with that of another problem or round.
Prompt MakePrompt(int round, int problem, int bytes) {
  Random rng(static_cast<uint64_t>(round), static_cast<uint64_t>(problem));
  Prompt prompt;
  while (static_cast<int>(prompt.plain.size()) < bytes) {
    prompt.plain += static_cast<char>('a' + rng.Below(26));
    if (rng.Below(5) == 0) prompt.plain += ' ';
  }
  return prompt;
}

absl::StatusOr<Measured> RunOnce(LanguageModel* model, const Settings& settings, int round,
                                 int bytes) {
  Measured measured;
  int64_t agreed = 0;
  absl::Status failure;
  int given = 0;
  const auto start = Clock::now();
  Clock::time_point prompted = start;
  const auto next = [&]() -> std::optional<Work> {
    if (given == settings.problems) return std::nullopt;
    const int problem = given++;
    Random rng(2, static_cast<uint64_t>(problem));
    const int tokens =
        settings.ragged
            ? static_cast<int>(rng.Between(settings.tokens / 2, settings.tokens * 3 / 2))
            : settings.tokens;
    Work work;
    work.max_tokens = tokens + 1;  // the last one is computed too, as batched bench does
    work.body = [=, &prompted, &agreed](Generator& lm) {
      return Step(lm, MakePrompt(round, problem, bytes), tokens, rng, &prompted, &agreed);
    };
    work.finished = [&](const absl::Status& status, const Usage& usage) {
      if (!status.ok()) failure = status;
      measured.prompt_tokens += usage.prompt_tokens;
      measured.tokens += usage.generated_tokens;
      for (const BranchRecord& branch : usage.branches) {
        measured.entropy += branch.generation.mean_entropy() / settings.problems;
      }
    };
    return work;
  };
  const absl::Status ran = model->Run(next, [] { return false; });
  const auto end = Clock::now();
  if (!ran.ok()) return ran;
  if (!failure.ok()) return failure;
  measured.prompt_seconds = Seconds(start, prompted);
  measured.token_seconds = Seconds(prompted, end);
  return measured;
}

int Main(int argc, char** argv) {
  CLI::App app("Tokens per second through the engine, as one line of JSON a round.");
  Settings settings;
  int rounds = 1;
  settings.options.max_sequences = 16;
  app.add_option("--model", settings.model, "GGUF file")->required();
  app.add_option("--threads", settings.options.threads, "CPU threads");
  app.add_option("--sequences", settings.options.max_sequences, "sequences in flight");
  app.add_option("--problems", settings.problems, "problems, one sequence each");
  app.add_option("--prompt", settings.prompt_tokens, "tokens of a prompt, about");
  app.add_option("--tokens", settings.tokens, "tokens of an answer");
  app.add_option("--rounds", rounds, "repetitions");
  app.add_flag("--ragged", settings.ragged, "answers of 0.5 to 1.5 times as many tokens");
  app.add_flag("--deterministic", settings.options.deterministic, "the deterministic recipe");
  CLI11_PARSE(app, argc, argv);

  auto model = OpenLlama(settings.model, settings.options);
  if (!model.ok()) {
    std::fprintf(stderr, "%s\n", model.status().ToString().c_str());
    return 1;
  }
  // Warms up, and finds how many bytes make a prompt of that many tokens.
  int bytes = settings.prompt_tokens;
  for (int round = 0; round <= rounds; ++round) {
    const absl::StatusOr<Measured> measured = RunOnce(model->get(), settings, round, bytes);
    if (!measured.ok()) {
      std::fprintf(stderr, "%s\n", measured.status().ToString().c_str());
      return 1;
    }
    if (round == 0) {
      bytes = bytes * settings.prompt_tokens * settings.problems / measured->prompt_tokens;
      continue;
    }
    std::printf(
        "{\"threads\": %d, \"sequences\": %d, \"deterministic\": %s, \"pp\": %d, \"tg\": %d, "
        "\"t_pp\": %.6f, \"speed_pp\": %.2f, \"t_tg\": %.6f, \"speed_tg\": %.2f, "
        "\"mean_entropy\": %.4f}\n",
        settings.options.threads, settings.options.max_sequences,
        settings.options.deterministic ? "true" : "false", measured->prompt_tokens,
        measured->tokens, measured->prompt_seconds,
        measured->prompt_tokens / measured->prompt_seconds, measured->token_seconds,
        measured->tokens / measured->token_seconds, measured->entropy);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace entrobench

int main(int argc, char** argv) { return entrobench::Main(argc, argv); }
