// Sweeps with random edits: whatever is typed, the parser answers with a plan or with places.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/random.h"
#include "coordinator/sweep/sweep_parser.h"
#include "gtest/gtest.h"
#include "tests/coordinator/sweep/sample_catalog.h"

namespace entrobench {
namespace {

constexpr char kSweep[] =
    "name: entropy samplers on arith   # a comment\n"
    "suite: [arith, contest]\n"
    "model: tiny-reasoner\n"
    "seeds: [1, 2, 3]\n"
    "limit: 200\n"
    "options: {max_tokens: 64}\n"
    "resources:\n"
    "  cores: 2\n"
    "  memory: 2GiB\n"
    "methods:\n"
    "  - greedy\n"
    "  - name: top-h\n"
    "    params: &p {alpha: [0.3, 0.4], temperature: [0.7, 1.0]}\n"
    "  - {name: self-consistency, params: {samples: 8, vote: \"majority\"}}\n";

const char* const kFragments[] = {
    "{",           "}",      "[",
    "]",           ":",      ",",
    "-",           "\n",     "\n  ",
    "\t",          "#",      "&a ",
    "*a",          "*p",     "? ",
    "!!int",       "!",      "\"",
    "'",           "|\n",    ">",
    "~",           "---",    "...",
    "%YAML 1.2\n", "null",   "true",
    "1e308",       "-1",     "0x10",
    ".inf",        "\xff",   "\xc3\xa9",
    "\0x",         "<<: *p", "methods",
    "suite",       "1.5",    "99999999999999999999",
};

std::string Mutate(std::string yaml, Random& random) {
  const uint64_t edits = 1 + random.Below(6);
  for (uint64_t i = 0; i < edits; ++i) {
    const size_t at = random.Below(yaml.size() + 1);
    switch (random.Below(4)) {
      case 0:
        yaml.insert(at, kFragments[random.Below(std::size(kFragments))]);
        break;
      case 1:
        yaml.erase(at, 1 + random.Below(8));
        break;
      case 2:
        if (at < yaml.size()) yaml[at] = static_cast<char>(random.Below(256));
        break;
      default: {
        const std::string piece = yaml.substr(at, random.Below(40));
        yaml.insert(random.Below(yaml.size() + 1), piece);
      }
    }
  }
  return yaml;
}

TEST(SweepFuzz, EveryAnswerIsAPlanOrHasAPlace) {
  const SweepCatalog catalog = SampleCatalog();
  ASSERT_TRUE(ParseSweep(kSweep, "f.yaml", catalog).ok());
  int accepted = 0, refused = 0;
  for (uint64_t seed = 0; seed < 10'000; ++seed) {
    Random random(seed, 0);
    const std::string yaml = Mutate(kSweep, random);
    const auto plan = ParseSweep(yaml, "f.yaml", catalog);
    if (plan.ok()) {
      ++accepted;
      ASSERT_FALSE(plan->trials.empty()) << yaml;
      continue;
    }
    ++refused;
    ASSERT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument) << yaml;
    for (absl::string_view line : absl::StrSplit(plan.status().message(), '\n')) {
      const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 3));
      ASSERT_EQ(parts.size(), 4u) << "seed " << seed << ": " << line << "\n" << yaml;
      ASSERT_EQ(parts[0], "f.yaml");
      ASSERT_GT(std::stoi(parts[1]), 0);
      ASSERT_GT(std::stoi(parts[2]), 0);
      ASSERT_FALSE(parts[3].empty());
    }
  }
  // The edits are small enough that some leave a good sweep, and large enough that most do not.
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 5000);
}

}  // namespace
}  // namespace entrobench
