// How well an exported model does, asked the way everybody else will ask it: by llama.cpp, from the
// GGUF file. Plain sampling only; the methods that Entrobench compares live in
// evaluators/reasoning.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "evaluators/reasoning/problems/generated_problem.h"

namespace entrobench::policy {

struct SolverOptions {
  double temperature = 0;  // 0: greedy
  uint64_t seed = 1;
  int longest_answer = 320;  // tokens
  int parallel = 16;         // sequences decoded together
  int threads = 1;           // more wait for each other at every layer when the machine is busy
};

// The continuation of every prompt up to the end of text, in the order of the prompts.
absl::StatusOr<std::vector<std::string>> Continue(const std::string& model_path,
                                                  absl::Span<const std::string> prompts,
                                                  const SolverOptions& options);

struct Score {
  int right = 0;
  int total = 0;
  double rate() const { return total == 0 ? 0 : static_cast<double>(right) / total; }
};

// Zero-shot accuracy by GeneratedProblem::group. An answer is what stands behind the last "####".
absl::StatusOr<std::map<std::string, Score>> Solve(const std::string& model_path,
                                                   absl::Span<const GeneratedProblem> problems,
                                                   const SolverOptions& options);

}  // namespace entrobench::policy
