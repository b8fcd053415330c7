#include "coordinator/sweep/sweep_parser.h"

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/digest.h"
#include "coordinator/sweep/cell.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/coordinator/sweep/sample_catalog.h"

namespace entrobench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

absl::StatusOr<SweepPlan> Parse(const std::string& yaml) {
  return ParseSweep(yaml, "s.yaml", SampleCatalog());
}

// "arith tiny-reasoner top-h@2 alpha=0.4, temperature=1.0 #1"
std::vector<std::string> Cells(const SweepPlan& plan) {
  std::vector<std::string> cells;
  for (const v1::Trial& trial : plan.trials) {
    cells.push_back(absl::StrCat(trial.suite().id(), " ", trial.model().name(), " ",
                                 trial.method().id(), "@", trial.method().version(), " ",
                                 CanonicalParams(trial.method().params()), " #", trial.seed()));
  }
  return cells;
}

TEST(ParseSweepTest, FillsInEveryDefault) {
  const auto plan = Parse("name: first\nsuite: arith\nmodel: tiny-reasoner\nmethods: [top-h]\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->name, "first");
  EXPECT_EQ(plan->weight, 1);
  EXPECT_EQ(plan->priority, 0);
  EXPECT_THAT(plan->warnings, IsEmpty());
  EXPECT_THAT(Cells(*plan),
              ElementsAre("arith tiny-reasoner top-h@2 alpha=0.4, temperature=1.0 #1"));
  const v1::Trial& trial = plan->trials[0];
  EXPECT_EQ(trial.id(), 0u);
  EXPECT_EQ(trial.samples(), 1000u);
  EXPECT_EQ(trial.suite().samples(), 1000u);
  EXPECT_EQ(trial.suite().digest(), "digest-of-arith");
  EXPECT_EQ(CanonicalParams(trial.suite().options()), "max_tokens=256");
  EXPECT_EQ(trial.model().digest(), "digest-of-tiny-reasoner");
  EXPECT_EQ(trial.keep(), v1::KEEP_ALL);
  EXPECT_FALSE(trial.deterministic());
  EXPECT_EQ(trial.cell(), CellDigest(trial));
}

TEST(ParseSweepTest, MultipliesSuitesModelsMethodsParametersAndSeeds) {
  const auto plan = Parse(
      "suites: [arith, contest]\n"
      "models: [tiny-reasoner, big]\n"
      "seeds: [3, 1]\n"
      "methods:\n"
      "  - greedy\n"
      "  - name: top-h\n"
      "    params: {alpha: [0.3, 0.5], temperature: 1}\n"
      "  - {name: self-consistency, params: {samples: 4, vote: weighted, early: true}}\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  const std::vector<std::string> cells = Cells(*plan);
  ASSERT_THAT(cells, SizeIs(2 * 2 * (1 + 2 + 1) * 2));
  EXPECT_EQ(cells[0], "arith tiny-reasoner greedy@10  #3");
  EXPECT_EQ(cells[1], "arith tiny-reasoner greedy@10  #1");
  EXPECT_EQ(cells[2], "arith tiny-reasoner top-h@2 alpha=0.3, temperature=1.0 #3");
  EXPECT_EQ(cells[4], "arith tiny-reasoner top-h@2 alpha=0.5, temperature=1.0 #3");
  EXPECT_EQ(cells[6],
            "arith tiny-reasoner self-consistency@1 early=true, samples=4, vote=weighted #3");
  EXPECT_EQ(cells[8], "arith big greedy@10  #3");
  EXPECT_EQ(cells[16], "contest tiny-reasoner greedy@10  #3");
}

TEST(ParseSweepTest, ReadsEveryKey) {
  const auto plan = Parse(
      "name: all keys\n"
      "suite: contest\n"
      "model: big\n"
      "seeds: 7\n"
      "limit: 20\n"
      "method: greedy\n"
      "deterministic: true\n"
      "keep: numbers\n"
      "options: {max_tokens: 64}\n"
      "resources: {cores: 3, memory: 1.5GiB, gpus: 2, gpu_memory: 24GiB, labels: [rack-1, ssd]}\n"
      "weight: 2.5\n"
      "priority: -3\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_THAT(plan->trials, SizeIs(1));
  const v1::Trial& trial = plan->trials[0];
  EXPECT_EQ(trial.seed(), 7u);
  EXPECT_EQ(trial.samples(), 20u);
  EXPECT_TRUE(trial.deterministic());
  EXPECT_EQ(trial.keep(), v1::KEEP_NUMBERS);
  EXPECT_EQ(CanonicalParams(trial.suite().options()), "max_tokens=64");
  EXPECT_EQ(trial.resources().cores(), 3u);
  EXPECT_EQ(trial.resources().memory_bytes(), 1610612736u);
  EXPECT_EQ(trial.resources().gpus(), 2u);
  EXPECT_EQ(trial.resources().gpu_memory_bytes(), uint64_t{24} << 30);
  EXPECT_THAT(trial.resources().labels(), ElementsAre("rack-1", "ssd"));
  EXPECT_THAT(plan->labels, ElementsAre("rack-1", "ssd"));
  EXPECT_EQ(plan->weight, 2.5);
  EXPECT_EQ(plan->priority, -3);
}

TEST(ParseSweepTest, ALimitBeyondTheSuiteIsTheSuite) {
  const auto plan = Parse("suite: contest\nmodel: big\nlimit: 100\nmethods: greedy\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->trials[0].samples(), 60u);
}

TEST(ParseSweepTest, SmallModelsGetOneCoreLargeOnesTheMachine) {
  const auto plan = Parse("suite: arith\nmodels: [tiny-reasoner, big]\nmethods: greedy\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->trials[0].resources().cores(), 1u);
  EXPECT_EQ(plan->trials[0].resources().memory_bytes(), (uint64_t{16} << 20) + (1u << 30));
  EXPECT_EQ(plan->trials[1].resources().cores(), 0u);
  EXPECT_EQ(plan->trials[1].resources().memory_bytes(), uint64_t{12} << 30);
}

TEST(ParseSweepTest, ASuiteWithoutModelNeedsNone) {
  const auto plan = Parse("suite: digits-c\nmethods: tent\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(Cells(*plan), ElementsAre("digits-c  tent@1 rate=0.001 #1"));
  EXPECT_TRUE(plan->trials[0].suite().ordered());
  const auto with = Parse("suite: digits-c\nmodels: [big, remote]\nmethods: tent\n");
  ASSERT_TRUE(with.ok()) << with.status();
  EXPECT_THAT(with->trials, SizeIs(1));
  EXPECT_THAT(with->warnings,
              ElementsAre("s.yaml:2:9: none of the suites needs a model; it is not used"));
}

TEST(ParseSweepTest, EqualCellsRunOnceWithAWarning) {
  const auto plan = Parse(
      "suite: arith\nmodel: big\nmethods:\n"
      "  - {name: top-h, params: {alpha: [0.3, 0.4]}}\n"
      "  - top-h\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->trials, SizeIs(2));
  EXPECT_THAT(
      plan->warnings,
      ElementsAre(
          "s.yaml:5:5: method 'top-h' stands twice with the same parameters; it runs once"));
}

TEST(ParseSweepTest, AnchorsAndAliasesWork) {
  const auto plan = Parse(
      "suite: arith\nmodel: big\nmethods:\n"
      "  - {name: top-h, params: {alpha: &grid [0.3, 0.4], temperature: *grid}}\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->trials, SizeIs(4));
}

// ---- What is refused

struct BadSweep {
  const char* name;
  std::string yaml;
  std::string message;
};

std::ostream& operator<<(std::ostream& out, const BadSweep& bad) { return out << bad.name; }

class RefusedSweepTest : public ::testing::TestWithParam<BadSweep> {};

TEST_P(RefusedSweepTest, SaysWhatWhereAndHowToMendIt) {
  const auto plan = Parse(GetParam().yaml);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(plan.status().message()), GetParam().message);
}

// A sweep that is right but for `line`, its fourth.
std::string With(const std::string& line) {
  return absl::StrCat("suite: arith\nmodel: tiny-reasoner\nmethods: [greedy]\n", line, "\n");
}
// One method, written from column 3 of line 4.
std::string WithMethod(const std::string& method) {
  return absl::StrCat("suite: arith\nmodel: tiny-reasoner\nmethods:\n- ", method, "\n");
}

const BadSweep kBadSweeps[] = {
    {"Empty", "", "s.yaml:1:1: the file is empty"},
    {"OnlyAComment", "# nothing\n", "s.yaml:1:1: the file is empty"},
    {"Scalar", "hello", "s.yaml:1:1: a sweep must be a mapping (key: value), but this is 'hello'"},
    {"List", "- suite: arith",
     "s.yaml:1:1: a sweep must be a mapping (key: value), but this is a list"},
    {"BrokenYaml", "suite: [arith\nmodel: big\n",
     "s.yaml:2:6: broken YAML: end of sequence flow not found"},
    {"Tab", "suite: arith\nmethods:\n\t- greedy\n",
     "s.yaml:3:1: a tab in the indentation; YAML allows only spaces there"},
    {"NotUtf8", "suite: arith\nmodel: a\xff",
     "s.yaml:2:9: a byte that is no UTF-8; save the file as UTF-8"},
    {"TwoDocuments", "suite: arith\n---\nsuite: arith\n",
     "s.yaml:2:1: something after the end of the sweep: a second document (---) or a stray "
     "character"},
    {"StrayComma", ",suite: arith\n",
     "s.yaml:1:1: something after the end of the sweep: a second document (---) or a stray "
     "character"},
    {"TooLarge", std::string(kMaxSweepBytes + 1, ' '),
     "s.yaml:1:1: the file has 1048577 bytes; at most 1048576 are read: is it the right file?"},
    {"NothingNamed", "name: x\n",
     "s.yaml:1:1: `suite` is missing\ns.yaml:1:1: `methods` is missing"},
    {"UnknownKey", With("sedes: [1]"),
     "s.yaml:4:1: unknown key 'sedes' of a sweep; did you mean 'seeds'?"},
    {"KeyTwice", With("model: big"), "s.yaml:4:1: 'model' stands twice (first in line 2)"},
    {"SuiteAndSuites", With("suites: [contest]"),
     "s.yaml:4:9: both `suite` and `suites` stand here; keep one"},
    {"UnknownSuite", "suite: arth\nmodel: big\nmethods: greedy\n",
     "s.yaml:1:8: unknown suite 'arth'; did you mean 'arith'?"},
    {"SuiteWithoutData", "suite: gsm8k\nmodel: big\nmethods: greedy\n",
     "s.yaml:1:8: suite 'gsm8k' has no data yet; add it with: entrobench data add gsm8k PATH (JSON "
     "lines with question and answer)"},
    {"SuiteTwice", "suites: [arith, arith]\nmodel: big\nmethods: greedy\n",
     "s.yaml:1:17: suite 'arith' stands twice"},
    {"NoModel", "suite: arith\nmethods: greedy\n", "s.yaml:1:1: `model` is missing"},
    {"UnknownModel", "suite: arith\nmodel: tiny-reasonr\nmethods: greedy\n",
     "s.yaml:2:8: unknown model 'tiny-reasonr'; did you mean 'tiny-reasoner'? (add your own with: "
     "entrobench models add NAME PATH)"},
    {"UnknownMethod", WithMethod("top-j"),
     "s.yaml:4:3: unknown method 'top-j'; did you mean 'top-h'?"},
    {"NothingNear", WithMethod("speculative"),
     "s.yaml:4:3: unknown method 'speculative'; known: greedy, top-h, self-consistency, tent"},
    {"MethodWithoutName", WithMethod("{params: {alpha: 1}}"),
     "s.yaml:4:3: `name` of the method is missing"},
    {"UnknownMethodKey", WithMethod("{name: top-h, parms: {alpha: 1}}"),
     "s.yaml:4:17: unknown key 'parms' of a method; did you mean 'params'?"},
    {"UnknownParameter", WithMethod("{name: top-h, params: {alhpa: 1}}"),
     "s.yaml:4:26: unknown key 'alhpa' of the parameters of top-h; did you mean 'alpha'?"},
    {"ParamsAsList", WithMethod("{name: top-h, params: [alpha]}"),
     "s.yaml:4:25: the parameters of top-h must be a mapping (key: value), but this is a list"},
    {"OutOfRange", WithMethod("{name: top-h, params: {alpha: 1.5}}"),
     "s.yaml:4:33: `alpha` must be from 0 to 1, but is 1.5"},
    {"OpenRange", "suite: digits-c\nmethods:\n- {name: tent, params: {rate: -1}}\n",
     "s.yaml:3:31: `rate` must be at least 0, but is -1"},
    {"NotANumber", WithMethod("{name: top-h, params: {alpha: lots}}"),
     "s.yaml:4:33: `alpha` must be a number, but this is 'lots'"},
    {"Nan", WithMethod("{name: top-h, params: {alpha: nan}}"),
     "s.yaml:4:33: `alpha` must be a number, but this is 'nan'"},
    {"RealForInteger", WithMethod("{name: self-consistency, params: {samples: 8.0}}"),
     "s.yaml:4:46: `samples` must be a whole number, but this is '8.0'"},
    {"HugeInteger", WithMethod("{name: self-consistency, params: {samples: 99999999999999999999}}"),
     "s.yaml:4:46: `samples` must be a whole number, but this is '99999999999999999999'"},
    {"TextForBoolean", WithMethod("{name: self-consistency, params: {early: maybe}}"),
     "s.yaml:4:44: `early` must be true or false, but this is 'maybe'"},
    {"UnknownChoice", WithMethod("{name: self-consistency, params: {vote: majorty}}"),
     "s.yaml:4:43: `vote` must be majority or weighted, but is 'majorty'; did you mean "
     "'majority'?"},
    {"QuotedNumber", WithMethod("{name: top-h, params: {alpha: '0.4'}}"),
     "s.yaml:4:33: `alpha` must be a number, but this is '0.4'"},
    {"ValueTwice", WithMethod("{name: top-h, params: {alpha: [0.4, 0.40]}}"),
     "s.yaml:4:39: `alpha` has '0.40' twice"},
    {"EmptyGrid", WithMethod("{name: top-h, params: {alpha: []}}"),
     "s.yaml:4:33: `alpha` is an empty list"},
    {"NestedGrid", WithMethod("{name: top-h, params: {alpha: [[0.1]]}}"),
     "s.yaml:4:34: `alpha` must be a number, but this is a list"},
    {"WrongFamily", "suite: arith\nmodel: big\nmethods: [tent]\n",
     "s.yaml:3:11: method 'tent' is of the family adaptation, but suite 'arith' of the family "
     "reasoning"},
    {"LacksCapabilities", "suite: arith\nmodel: remote\nmethods: [greedy, top-h]\n",
     "s.yaml:3:19: method 'top-h' needs step, full logits, which model 'remote' does not give"},
    {"DeterministicEndpoint", "suite: arith\nmodel: remote\nmethods: greedy\ndeterministic: true\n",
     "s.yaml:2:8: model 'remote' is an endpoint, which cannot be deterministic; remove "
     "`deterministic: true` or choose a GGUF model"},
    {"LimitLots", With("limit: lots"),
     "s.yaml:4:8: `limit` must be a whole number, but this is 'lots'"},
    {"LimitZero", With("limit: 0"), "s.yaml:4:8: `limit` must be at least 1, but is 0"},
    {"LimitList", With("limit: [1]"),
     "s.yaml:4:8: `limit` must be a whole number, but this is a list"},
    {"NoSeeds", With("seeds: []"), "s.yaml:4:8: `seeds` is an empty list"},
    {"NegativeSeed", With("seeds: [-1]"), "s.yaml:4:9: `seeds` must be at least 0, but is -1"},
    {"SeedTwice", With("seeds: [1, 2, 1]"), "s.yaml:4:15: seed 1 stands twice"},
    {"NoMethods", "suite: arith\nmodel: big\nmethods: []\n",
     "s.yaml:3:10: `methods` is an empty list"},
    {"WrongKeep", With("keep: everything"),
     "s.yaml:4:7: `keep` must be all, text or numbers, but is 'everything'"},
    {"UnknownOption", With("options: {max_token: 5}"),
     "s.yaml:4:11: unknown key 'max_token' of `options`; did you mean 'max_tokens'?"},
    {"OptionOutOfRange", With("options: {max_tokens: 0}"),
     "s.yaml:4:23: `max_tokens` must be from 1 to 8192, but is 0"},
    {"UnknownResource", With("resources: {core: 1}"),
     "s.yaml:4:13: unknown key 'core' of `resources`; did you mean 'cores'?"},
    {"BadMemory", With("resources: {memory: 2 elephants}"),
     "s.yaml:4:21: `memory` must be an amount of memory such as 2GiB, but this is '2 elephants'"},
    {"NegativeWeight", With("weight: -1"),
     "s.yaml:4:9: `weight` must be from 0.001 to 1000, but is -1"},
    {"LineBreakInName", "name: \"a\\nb\"\nsuite: arith\nmodel: big\nmethods: greedy\n",
     "s.yaml:1:7: `name` must stand on one line"},
};

INSTANTIATE_TEST_SUITE_P(Table, RefusedSweepTest, ::testing::ValuesIn(kBadSweeps),
                         [](const auto& bad) { return std::string(bad.param.name); });

TEST(ParseSweepTest, ReportsAllErrorsInTheOrderOfTheFile) {
  const auto plan = Parse(
      "sute: arith\n"
      "model: bigg\n"
      "methods: [gredy, {name: top-h, params: {alpha: 7, beta: 1}}]\n"
      "limit: none\n");
  EXPECT_EQ(std::string(plan.status().message()),
            "s.yaml:1:1: unknown key 'sute' of a sweep; did you mean 'suite'?\n"
            "s.yaml:1:1: `suite` is missing\n"
            "s.yaml:2:8: unknown model 'bigg'; did you mean 'big'? (add your own with: entrobench "
            "models add NAME PATH)\n"
            "s.yaml:3:11: unknown method 'gredy'; did you mean 'greedy'?\n"
            "s.yaml:3:48: `alpha` must be from 0 to 1, but is 7\n"
            "s.yaml:3:51: unknown key 'beta' of the parameters of top-h; known: alpha, "
            "temperature\n"
            "s.yaml:4:8: `limit` must be a whole number, but this is 'none'");
}

TEST(ParseSweepTest, AThousandErrorsStillFitAStatus) {
  std::string yaml = "suite: arith\nmodel: big\nmethods:\n";
  for (int i = 0; i < 3000; ++i) absl::StrAppend(&yaml, "  - top-", i, "\n");
  const auto plan = Parse(yaml);
  const std::vector<std::string> lines = absl::StrSplit(std::string(plan.status().message()), '\n');
  EXPECT_LT(plan.status().message().size(), 6000u);
  ASSERT_GT(lines.size(), 20u);
  EXPECT_THAT(lines[0], HasSubstr("s.yaml:4:5: unknown method 'top-0'"));
  EXPECT_EQ(lines.back(), absl::StrCat("s.yaml: and ", 3000 - (lines.size() - 1), " more errors"));
}

TEST(ParseSweepTest, MoreThanAHundredThousandTrialsAreRefused) {
  std::string seeds = "0";
  for (int i = 1; i < 1001; ++i) absl::StrAppend(&seeds, ", ", i);
  std::string alphas = "0";
  for (int i = 1; i < 100; ++i) absl::StrAppend(&alphas, ", 0.", i + 100);
  const std::string yaml =
      absl::StrCat("suite: arith\nmodel: big\nseeds: [", seeds,
                   "]\nmethods:\n- {name: top-h, params: {alpha: [", alphas, "]}}\n");
  const auto plan = Parse(yaml);
  EXPECT_EQ(std::string(plan.status().message()),
            "s.yaml:1:1: this makes 100100 trials; at most 100000 fit one sweep: split it");
}

TEST(ParseSweepTest, DeepNestingIsAnErrorNotACrash) {
  for (const int depth : {100, 10'000, 200'000}) {
    const auto plan = Parse(absl::StrCat("suite: ", std::string(static_cast<size_t>(depth), '[')));
    EXPECT_FALSE(plan.ok());
    const auto closed = Parse(absl::StrCat("suite: ", std::string(static_cast<size_t>(depth), '['),
                                           std::string(static_cast<size_t>(depth), ']')));
    EXPECT_FALSE(closed.ok());
  }
}

TEST(ParseSweepTest, ABombOfAliasesIsHarmless) {
  std::string yaml = "a0: &a0 [x]\n";
  for (int i = 1; i < 60; ++i) {
    absl::StrAppend(&yaml, "a", i, ": &a", i, " [*a", i - 1, ", *a", i - 1, "]\n");
  }
  absl::StrAppend(&yaml, "suite: *a59\nmodel: big\nmethods: greedy\n");
  EXPECT_THAT(std::string(Parse(yaml).status().message()),
              HasSubstr("s.yaml:1:1: unknown key 'a0' of a sweep"));
}

// ---- Cells

v1::Trial SampleTrial() {
  return Parse("suite: arith\nmodel: tiny-reasoner\nmethods: [top-h]\n")->trials[0];
}

TEST(CellTest, TheTextIsAsDocumented) {
  EXPECT_EQ(CellText(SampleTrial()),
            "entrobench cell 1\n"
            "method: top-h@2\n"
            "params: alpha=0.4, temperature=1.0\n"
            "model: digest-of-tiny-reasoner\n"
            "suite: arith digest-of-arith\n"
            "options: max_tokens=256\n"
            "seed: 1\n"
            "deterministic: false\n");
  EXPECT_EQ(CellDigest(SampleTrial()), Sha256Hex(CellText(SampleTrial())));
}

TEST(CellTest, WhatChangesAResultChangesTheDigestAndNothingElse) {
  const std::string digest = CellDigest(SampleTrial());
  v1::Trial same = SampleTrial();
  same.set_id(7);
  same.set_sweep_id(8);
  same.set_samples(3);
  same.set_keep(v1::KEEP_NUMBERS);
  same.mutable_resources()->set_cores(9);
  same.mutable_model()->set_name("another name");
  EXPECT_EQ(CellDigest(same), digest);

  const auto differs = [&digest](auto change) {
    v1::Trial trial = SampleTrial();
    change(trial);
    EXPECT_NE(CellDigest(trial), digest);
  };
  differs([](v1::Trial& t) { t.mutable_method()->set_id("top-k"); });
  differs([](v1::Trial& t) { t.mutable_method()->set_version("3"); });
  differs([](v1::Trial& t) { (*t.mutable_method()->mutable_params())["alpha"] = RealValue(0.5); });
  differs([](v1::Trial& t) { t.mutable_model()->set_digest("x"); });
  differs([](v1::Trial& t) { t.mutable_suite()->set_digest("x"); });
  differs([](v1::Trial& t) {
    (*t.mutable_suite()->mutable_options())["max_tokens"] = IntegerValue(5);
  });
  differs([](v1::Trial& t) { t.set_seed(2); });
  differs([](v1::Trial& t) { t.set_deterministic(true); });
}

TEST(CellTest, AnEndpointsCellHasNoDigest) {
  const auto plan = Parse("suite: arith\nmodel: remote\nmethods: greedy\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->trials[0].cell(), "");
}

}  // namespace
}  // namespace entrobench
