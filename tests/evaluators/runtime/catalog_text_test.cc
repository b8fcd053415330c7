#include "evaluators/runtime/catalog_text.h"

#include <algorithm>
#include <limits>

#include "common/value.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

using testing::HasSubstr;
using testing::Not;

v1::Catalog Example() {
  v1::Catalog catalog;
  catalog.set_build("0.1.0+abc");
  v1::MethodInfo* top_h = catalog.add_methods();
  top_h->set_id("top-h");
  top_h->set_version("1");
  top_h->set_family("reasoning");
  top_h->set_title("Top-H");
  top_h->set_summary("Bounds the entropy of what is kept.");
  top_h->set_equation("H(q) \\le \\alpha H(p)");
  top_h->mutable_paper()->set_title("Top-H Decoding");
  top_h->mutable_paper()->set_authors("A. Author");
  top_h->mutable_paper()->set_year(2025);
  top_h->mutable_paper()->set_url("https://example.org/top-h");
  v1::Parameter* alpha = top_h->add_parameters();
  alpha->set_name("alpha");
  alpha->set_type(v1::Parameter::TYPE_REAL);
  *alpha->mutable_default_value() = RealValue(0.4);
  alpha->set_minimum(0);
  alpha->set_maximum(std::numeric_limits<double>::infinity());
  alpha->set_meaning("share | of the entropy");
  top_h->add_needs(v1::CAPABILITY_FULL_LOGITS);
  top_h->set_cost("one pass over the logits");
  v1::MethodInfo* greedy = catalog.add_methods();
  greedy->set_id("greedy");
  greedy->set_version("1");
  greedy->set_family("reasoning");
  greedy->set_title("Greedy");
  greedy->set_rival(true);
  v1::SuiteInfo* suite = catalog.add_suites();
  suite->set_id("arith");
  suite->set_family("reasoning");
  suite->set_title("Word problems");
  suite->set_samples(1000);
  suite->set_primary_metric("accuracy");
  v1::Parameter* shots = suite->add_options();
  shots->set_name("prompt");
  shots->set_type(v1::Parameter::TYPE_TEXT);
  shots->add_choices("plain");
  shots->add_choices("chat");
  return catalog;
}

TEST(CatalogText, MarkdownHasAllThatTheCatalogueTells) {
  const std::string page = CatalogAsMarkdown(Example());
  EXPECT_THAT(page, HasSubstr("entrobench-evaluator describe --format markdown > docs/methods.md"));
  EXPECT_THAT(page, HasSubstr("### `top-h`: Top-H\n\nBounds the entropy of what is kept."));
  EXPECT_THAT(page, HasSubstr("$$H(q) \\le \\alpha H(p)$$"));
  EXPECT_THAT(page, HasSubstr("A. Author, *Top-H Decoding* (2025), <https://example.org/top-h>"));
  EXPECT_THAT(page, HasSubstr("| `alpha` | real | `0.4` | 0.0 to ∞ | share \\| of the entropy |"));
  EXPECT_THAT(page, HasSubstr("Needs: full logits. Cost: one pass over the logits."));
  EXPECT_THAT(page, HasSubstr("A rival: a baseline"));
  EXPECT_THAT(page, HasSubstr("| `prompt` | text |  | `plain`, `chat` |"));
  EXPECT_THAT(page, HasSubstr("1000 samples."));
}

TEST(CatalogText, MarkdownIsTheSameWhateverTheOrderAndTheBuild) {
  v1::Catalog shuffled = Example();
  std::swap(*shuffled.mutable_methods(0), *shuffled.mutable_methods(1));
  shuffled.set_build("another");
  EXPECT_EQ(CatalogAsMarkdown(shuffled), CatalogAsMarkdown(Example()));
  const std::string page = CatalogAsMarkdown(Example());
  EXPECT_LT(page.find("### `greedy`"), page.find("### `top-h`"));
  EXPECT_LT(page.find("### `top-h`"), page.find("### `arith`"));
  EXPECT_EQ(page.substr(page.size() - 2).find('\n'), 1u);  // one newline at the end
}

TEST(CatalogText, TextIsOneLineEach) {
  EXPECT_EQ(CatalogAsText(Example()),
            "Methods\n"
            "  greedy  Greedy\n"
            "  top-h   Top-H (alpha=0.4)\n"
            "\nSuites\n"
            "  arith   Word problems (1000 samples)\n");
}

TEST(CatalogText, JsonReadsBack) {
  v1::Catalog catalog;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(CatalogAsJson(Example()), &catalog).ok());
  EXPECT_EQ(catalog.SerializeAsString(), Example().SerializeAsString());
  EXPECT_THAT(CatalogAsJson(Example()), HasSubstr("\"default_value\""));
}

}  // namespace
}  // namespace entrobench
