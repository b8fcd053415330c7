#include "evaluators/language/generator.h"

#include <utility>

#include "evaluators/language/sequence_state.h"

namespace entrobench {
namespace {

double Mean(const std::vector<TokenStats>& stats, float TokenStats::*member) {
  if (stats.empty()) return 0;
  double sum = 0;
  for (const TokenStats& token : stats) sum += static_cast<double>(token.*member);
  return sum / static_cast<double>(stats.size());
}

}  // namespace

double Generation::mean_logprob() const { return Mean(stats, &TokenStats::logprob); }
double Generation::mean_entropy() const { return Mean(stats, &TokenStats::entropy); }

Sequence::Sequence(std::unique_ptr<SequenceState> state) : state_(std::move(state)) {}
Sequence::~Sequence() = default;
Sequence::Sequence(Sequence&&) noexcept = default;
Sequence& Sequence::operator=(Sequence&&) noexcept = default;

bool Sequence::done() const { return state_->done(); }
const Distribution& Sequence::distribution() const { return state_->distribution(); }
Random& Sequence::rng() { return state_->rng(); }
Task<void> Sequence::Append(Token token) { return state_->Append(token); }
Task<Sequence> Sequence::Fork() { return state_->Fork(); }
void Sequence::End() { state_->End(); }
const Generation& Sequence::generation() const { return state_->generation(); }
int Sequence::branch() const { return state_->branch(); }

}  // namespace entrobench
