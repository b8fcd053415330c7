#include "evaluators/language/prefix_source.h"

#include <algorithm>

namespace entrobench {

PrefixSource FindPrefix(const std::vector<absl::Span<const Token>>& held, int lane,
                        absl::Span<const Token> prompt, int grain, int least_saving) {
  const auto usable = [&](int source) {
    const auto tokens = held[static_cast<size_t>(source)];
    const auto differs = std::mismatch(tokens.begin(), tokens.end(), prompt.begin(), prompt.end());
    const int common = static_cast<int>(differs.first - tokens.begin());
    return std::max(0, std::min(common, static_cast<int>(prompt.size()) - 1) / grain * grain);
  };
  PrefixSource own{lane, usable(lane)}, best = own;
  for (int source = 0; source < static_cast<int>(held.size()); ++source) {
    const int tokens = source == lane ? 0 : usable(source);
    if (tokens > best.tokens) best = {source, tokens};
  }
  return best.tokens - own.tokens >= least_saving ? best : own;
}

}  // namespace entrobench
