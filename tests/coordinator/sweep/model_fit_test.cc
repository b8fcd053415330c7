#include "coordinator/sweep/model_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/value.h"
#include "coordinator/sweep/cell.h"
#include "tests/coordinator/sweep/sample_catalog.h"

namespace entrobench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The sample catalogue and three methods: one with a companion, one whose needs depend on a
// parameter, one that can be approximated.
SweepCatalog Catalog() {
  SweepCatalog catalog = SampleCatalog();
  v1::MethodInfo& switching = catalog.methods.emplace_back();
  switching.set_id("switch");
  switching.set_version("1");
  switching.set_family("reasoning");
  switching.add_needs(v1::CAPABILITY_GENERATE);
  AddParameter(switching.mutable_parameters(), "large", v1::Parameter::TYPE_MODELS,
               TextValue("big"), 0, 0);

  v1::MethodInfo& clusters = catalog.methods.emplace_back();
  clusters.set_id("clusters");
  clusters.set_version("1");
  clusters.set_family("reasoning");
  clusters.add_needs(v1::CAPABILITY_GENERATE);
  AddParameter(clusters.mutable_parameters(), "by", v1::Parameter::TYPE_TEXT, TextValue("answer"),
               0, 0, {"answer", "embedding"});
  v1::ConditionalNeed* need = clusters.add_conditional_needs();
  need->set_parameter("by");
  *need->mutable_value() = TextValue("embedding");
  need->set_need(v1::CAPABILITY_HIDDEN_STATES);

  v1::MethodInfo& truth = catalog.methods.emplace_back();
  truth.set_id("truth");
  truth.set_version("1");
  truth.set_family("reasoning");
  truth.add_needs(v1::CAPABILITY_FULL_LOGITS);
  truth.add_approximate_needs(v1::CAPABILITY_TOP_LOGPROBS);
  truth.set_approximation("over the top 20 tokens");
  return catalog;
}

std::string Sweep(const std::string& model, const std::string& methods) {
  return "suite: arith\nmodel: " + model + "\nlimit: 5\nmethods:\n" + methods;
}

absl::StatusOr<SweepPlan> Parse(const std::string& yaml) {
  return ParseSweep(yaml, "s.yaml", Catalog());
}

TEST(Companions, TravelWithTheTrialAndItsCell) {
  const auto plan = Parse(Sweep("tiny-reasoner",
                                "  - switch\n  - {name: switch, params: {large: "
                                "'tiny-reasoner, big'}}\n"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->trials.size(), 2u);
  ASSERT_EQ(plan->trials[0].companions_size(), 1);
  EXPECT_EQ(plan->trials[0].companions(0).parameter(), "large");
  EXPECT_EQ(plan->trials[0].companions(0).model().digest(), "digest-of-big");
  ASSERT_EQ(plan->trials[1].companions_size(), 2);
  EXPECT_EQ(plan->trials[1].companions(0).model().name(), "tiny-reasoner");
  EXPECT_EQ(plan->trials[1].companions(1).model().name(), "big");

  v1::Trial other = plan->trials[0];
  other.mutable_companions(0)->mutable_model()->set_digest("another file of that name");
  EXPECT_NE(CellDigest(other), CellDigest(plan->trials[0]));
}

TEST(Companions, CountAmongTheResources) {
  const auto plan = Parse(Sweep("tiny-reasoner", "  - switch\n  - greedy\n"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->trials[0].resources().cores(), 0u);  // a large model beside it: the whole machine
  EXPECT_EQ(plan->trials[1].resources().cores(), 1u);
  EXPECT_GT(plan->trials[0].resources().memory_bytes(), uint64_t{8} << 30);
}

TEST(Companions, MustBeKnownGgufFiles) {
  const auto unknown = Parse(Sweep("tiny-reasoner", "  - {name: switch, params: {large: bigg}}\n"));
  EXPECT_THAT(
      std::string(unknown.status().message()),
      HasSubstr("s.yaml:5:36: `large` names the unknown model 'bigg'; did you mean 'big'?"));
  const auto remote =
      Parse(Sweep("tiny-reasoner", "  - {name: switch, params: {large: remote}}\n"));
  EXPECT_THAT(std::string(remote.status().message()), HasSubstr("which is no GGUF file"));
  const auto beside_remote = Parse(Sweep("remote", "  - switch\n"));
  EXPECT_THAT(std::string(beside_remote.status().message()),
              HasSubstr("runs several models in one process"));
}

TEST(Companions, AnUnknownDefaultIsAnErrorWhereItIsUsed) {
  SweepCatalog catalog = Catalog();
  std::erase_if(catalog.models, [](const auto& model) { return model.name() == "big"; });
  const auto used = ParseSweep(Sweep("tiny-reasoner", "  - switch\n"), "s.yaml", catalog);
  EXPECT_THAT(std::string(used.status().message()),
              HasSubstr("s.yaml:5:5: `large` names the unknown model 'big'"));
  const auto replaced =
      ParseSweep(Sweep("tiny-reasoner", "  - {name: switch, params: {large: tiny-reasoner}}\n"),
                 "s.yaml", catalog);
  EXPECT_TRUE(replaced.ok()) << replaced.status();
}

TEST(ConditionalNeeds, CountOnlyForTheirValue) {
  EXPECT_TRUE(Parse(Sweep("remote", "  - clusters\n")).ok());
  const auto embedding =
      Parse(Sweep("remote", "  - {name: clusters, params: {by: [answer, embedding]}}\n"));
  EXPECT_THAT(
      std::string(embedding.status().message()),
      HasSubstr("method 'clusters' needs hidden states, which model 'remote' does not give"));
}

TEST(Approximations, AreNamedInTheTrialAndOnlyWhereNeeded) {
  const auto plan = Parse("suite: arith\nmodels: [tiny-reasoner, remote]\nmethods: [truth]\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->trials.size(), 2u);
  EXPECT_EQ(plan->trials[0].approximation(), "");
  EXPECT_EQ(plan->trials[1].approximation(), "over the top 20 tokens");
}

// The sample catalogue with an image classifier, and a suite and a method for it.
SweepCatalog CatalogWithClassifier() {
  SweepCatalog catalog = SampleCatalog();
  v1::ModelInfo& network = catalog.models.emplace_back();
  network.set_name("small-cnn");
  network.set_kind(v1::ModelInfo::KIND_TORCH);
  network.set_digest("digest-of-small-cnn");
  network.set_size_bytes(2 << 20);
  network.add_capabilities(v1::CAPABILITY_CLASSIFY);
  v1::SuiteInfo& photos = catalog.suites.emplace_back(catalog.suites.back());
  photos.set_id("photos-c");
  photos.set_needs_model(true);
  v1::MethodInfo& eata = catalog.methods.emplace_back();
  eata.set_id("eata");
  eata.set_version("1");
  eata.set_family("adaptation");
  eata.add_needs(v1::CAPABILITY_CLASSIFY);
  return catalog;
}

TEST(ImageClassifiers, RunAdaptationMethods) {
  const auto plan = ParseSweep("suite: photos-c\nmodel: small-cnn\nmethods: [eata]\n", "s.yaml",
                               CatalogWithClassifier());
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->trials.size(), 1u);
  EXPECT_EQ(plan->trials[0].model().kind(), v1::ModelInfo::KIND_TORCH);
  EXPECT_EQ(plan->trials[0].resources().cores(), 1u);
  EXPECT_EQ(plan->trials[0].resources().memory_bytes(), (uint64_t{2} << 30) + (4 << 20));
}

TEST(ImageClassifiers, AreNotMixedUpWithLanguageModels) {
  const auto error = [](const std::string& yaml) {
    const auto plan = ParseSweep(yaml, "s.yaml", CatalogWithClassifier());
    EXPECT_FALSE(plan.ok());
    return std::string(plan.status().message());
  };
  EXPECT_THAT(error("suite: arith\nmodel: small-cnn\nmethods: [greedy]\n"),
              HasSubstr("s.yaml:3:11: method 'greedy' needs generate, which model 'small-cnn' does "
                        "not give: it is an image classifier"));
  for (const char* model : {"tiny-reasoner", "remote"}) {
    EXPECT_THAT(
        error(absl::StrCat("suite: photos-c\nmodel: ", model, "\nmethods: [eata]\n")),
        HasSubstr(absl::StrCat("s.yaml:3:11: method 'eata' needs classify, which model '", model,
                               "' does not give: it is a language model, and the method adapts "
                               "image classifiers")));
  }
  // A method of the other family is said to be one, too.
  EXPECT_THAT(error("suite: photos-c\nmodel: small-cnn\nmethods: [greedy]\n"),
              HasSubstr("method 'greedy' is of the family reasoning, but suite 'photos-c' of the "
                        "family adaptation"));
}

TEST(FitModel, SaysEverythingThatIsMissing) {
  const SweepCatalog catalog = Catalog();
  v1::MethodInfo method;
  method.add_needs(v1::CAPABILITY_GENERATE);
  method.add_needs(v1::CAPABILITY_STEP);
  method.add_needs(v1::CAPABILITY_HIDDEN_STATES);
  EXPECT_THAT(FitModel(method, {}, catalog.models.back()).lacks,
              ElementsAre("step", "hidden states"));
  EXPECT_THAT(FitModel(method, {}, catalog.models.front()).lacks, ElementsAre("hidden states"));
}

TEST(ModelNames, IgnoresSpacesAndEmptyParts) {
  EXPECT_THAT(ModelNames(TextValue(" a, b ,,c")), ElementsAre("a", "b", "c"));
  EXPECT_THAT(ModelNames(TextValue("")), IsEmpty());
}

}  // namespace
}  // namespace entrobench
