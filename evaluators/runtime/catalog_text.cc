#include "evaluators/runtime/catalog_text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/catalog_words.h"
#include "common/value.h"
#include "google/protobuf/util/json_util.h"

namespace entrobench {
namespace {

template <typename Info>
std::vector<const Info*> Sorted(const google::protobuf::RepeatedPtrField<Info>& infos) {
  std::vector<const Info*> sorted;
  for (const Info& info : infos) sorted.push_back(&info);
  std::sort(sorted.begin(), sorted.end(), [](const Info* a, const Info* b) {
    return a->family() != b->family() ? a->family() < b->family() : a->id() < b->id();
  });
  return sorted;
}

// A bound of a range; integers without the point that a real has.
std::string Bound(double value, bool integer) {
  if (std::isinf(value)) return value < 0 ? "-∞" : "∞";
  return integer ? absl::StrFormat("%.0f", value) : CanonicalValue(RealValue(value));
}

std::string RangeOf(const v1::Parameter& parameter) {
  if (!parameter.choices().empty()) {
    return absl::StrJoin(parameter.choices(), ", ",
                         [](std::string* out, const std::string& choice) {
                           absl::StrAppend(out, "`", choice, "`");
                         });
  }
  if (parameter.type() != v1::Parameter::TYPE_INTEGER &&
      parameter.type() != v1::Parameter::TYPE_REAL) {
    return "";
  }
  const bool integer = parameter.type() == v1::Parameter::TYPE_INTEGER;
  return absl::StrCat(Bound(parameter.minimum(), integer), " to ",
                      Bound(parameter.maximum(), integer));
}

// Text for a cell of a Markdown table.
std::string Cell(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}, {"\n", " "}});
}

void AppendParameters(const google::protobuf::RepeatedPtrField<v1::Parameter>& parameters,
                      std::string* out) {
  absl::StrAppend(out, "| parameter | type | default | range | meaning |\n|---|---|---|---|---|\n");
  for (const v1::Parameter& parameter : parameters) {
    const std::string value = CanonicalValue(parameter.default_value());
    absl::StrAppend(out, "| `", parameter.name(), "` | ", ParameterTypeWord(parameter.type()),
                    " | ", value.empty() ? "" : absl::StrCat("`", Cell(value), "`"), " | ",
                    Cell(RangeOf(parameter)), " | ", Cell(parameter.meaning()), " |\n");
  }
  absl::StrAppend(out, "\n");
}

void AppendMethod(const v1::MethodInfo& method, std::string* out) {
  absl::StrAppend(out, "### `", method.id(), "`: ", method.title(), "\n\n");
  if (!method.summary().empty()) absl::StrAppend(out, method.summary(), "\n\n");
  if (!method.equation().empty()) absl::StrAppend(out, "$$", method.equation(), "$$\n\n");
  if (method.has_paper()) {
    const v1::Paper& paper = method.paper();
    absl::StrAppend(out, "Paper: ", paper.authors(), paper.authors().empty() ? "" : ", ", "*",
                    paper.title(), "*");
    if (paper.year() != 0) absl::StrAppend(out, " (", paper.year(), ")");
    if (!paper.url().empty()) absl::StrAppend(out, ", <", paper.url(), ">");
    absl::StrAppend(out, "\n\n");
  }
  if (method.rival()) absl::StrAppend(out, "A rival: a baseline that methods must beat.\n\n");
  if (!method.parameters().empty()) AppendParameters(method.parameters(), out);
  std::vector<std::string> needs;
  for (const int need : method.needs()) {
    needs.push_back(CapabilityWords(static_cast<v1::Capability>(need)));
  }
  for (std::string& need : ConditionalNeedsInWords(method)) needs.push_back(std::move(need));
  if (method.learns()) {
    absl::StrAppend(out, "Learns from training problems before the first one that counts.\n\n");
  }
  absl::StrAppend(out, "Needs: ", needs.empty() ? "nothing special" : absl::StrJoin(needs, ", "),
                  ". ", method.cost().empty() ? "" : absl::StrCat("Cost: ", method.cost(), ". "),
                  method.approximation().empty()
                      ? ""
                      : absl::StrCat("On models that give less it is approximated: ",
                                     method.approximation(), ". "),
                  "Version ", method.version(), ".\n\n");
}

void AppendSuite(const v1::SuiteInfo& suite, std::string* out) {
  absl::StrAppend(out, "### `", suite.id(), "`: ", suite.title(), "\n\n");
  if (!suite.summary().empty()) absl::StrAppend(out, suite.summary(), "\n\n");
  if (suite.samples() > 0) absl::StrAppend(out, suite.samples(), " samples. ");
  absl::StrAppend(out, "Primary metric: ", suite.primary_metric(), ". ");
  if (suite.ordered()) absl::StrAppend(out, "Ordered: a sample depends on those before it. ");
  absl::StrAppend(out, "Version ", suite.version(), ".\n\n");
  if (suite.needs_data()) absl::StrAppend(out, "Data: ", suite.data_format(), "\n\n");
  if (!suite.options().empty()) AppendParameters(suite.options(), out);
  if (suite.metrics().empty()) return;
  absl::StrAppend(out, "Reported beside the score:\n\n");
  for (const v1::MetricInfo& metric : suite.metrics()) {
    absl::StrAppend(out, "* **", metric.name(), "**: ", metric.meaning(), "\n");
  }
  absl::StrAppend(out, "\n");
}

// Groups by family: "## Heading of the family" before its first entry.
template <typename Info, typename Append>
void AppendByFamily(const std::vector<const Info*>& infos, absl::string_view what, Append append,
                    std::string* out) {
  std::string family;
  for (const Info* info : infos) {
    if (info->family() != family) {
      family = info->family();
      std::string heading = family;
      if (!heading.empty())
        heading[0] = absl::ascii_toupper(static_cast<unsigned char>(heading[0]));
      absl::StrAppend(out, "## ", heading, ": ", what, "\n\n");
    }
    append(*info, out);
  }
}

}  // namespace

std::string CatalogAsText(const v1::Catalog& catalog) {
  size_t width = 0;
  for (const v1::MethodInfo& method : catalog.methods()) {
    width = std::max(width, method.id().size());
  }
  for (const v1::SuiteInfo& suite : catalog.suites()) width = std::max(width, suite.id().size());
  std::string out = "Methods\n";
  for (const v1::MethodInfo* method : Sorted(catalog.methods())) {
    std::vector<std::string> parameters;
    for (const v1::Parameter& parameter : method->parameters()) {
      parameters.push_back(
          absl::StrCat(parameter.name(), "=", CanonicalValue(parameter.default_value())));
    }
    absl::StrAppend(
        &out, absl::StrFormat("  %-*s  %s", static_cast<int>(width), method->id(), method->title()),
        parameters.empty() ? "" : absl::StrCat(" (", absl::StrJoin(parameters, ", "), ")"), "\n");
  }
  absl::StrAppend(&out, "\nSuites\n");
  for (const v1::SuiteInfo* suite : Sorted(catalog.suites())) {
    absl::StrAppend(
        &out, absl::StrFormat("  %-*s  %s", static_cast<int>(width), suite->id(), suite->title()),
        suite->samples() > 0  ? absl::StrCat(" (", suite->samples(), " samples)")
        : suite->needs_data() ? " (needs data)"
                              : "",
        "\n");
  }
  return out;
}

std::string CatalogAsMarkdown(const v1::Catalog& catalog) {
  std::string out =
      "# Methods and suites\n\n"
      "<!-- Generated: do not edit. `entrobench-evaluator describe --format markdown > "
      "docs/methods.md` -->\n\n"
      "Made from the catalogue that the evaluator describes itself with; the same text feeds "
      "`entrobench methods show`, the checks of a sweep and the dashboard. Entropies are in nats. "
      "To remake this page:\n\n"
      "    entrobench-evaluator describe --format markdown > docs/methods.md\n\n";
  const auto methods = Sorted(catalog.methods());
  absl::StrAppend(&out, "| method | title | paper |\n|---|---|---|\n");
  for (const v1::MethodInfo* method : methods) {
    std::string paper;
    if (method->has_paper()) {
      paper = Cell(method->paper().title());
      if (!method->paper().url().empty()) {
        paper = absl::StrCat("[", paper, "](", method->paper().url(), ")");
      }
    }
    absl::StrAppend(&out, "| `", method->id(), "` | ", Cell(method->title()), " | ",
                    paper.empty() ? (method->rival() ? "a rival" : "") : paper, " |\n");
  }
  absl::StrAppend(&out, "\n");
  AppendByFamily(methods, "methods", AppendMethod, &out);
  AppendByFamily(Sorted(catalog.suites()), "suites", AppendSuite, &out);
  while (out.size() > 1 && out.back() == '\n' && out[out.size() - 2] == '\n') out.pop_back();
  return out;
}

std::string CatalogAsJson(const v1::Catalog& catalog) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  // Cannot fail: the message comes from memory, not from JSON.
  (void)google::protobuf::util::MessageToJsonString(catalog, &json, options);
  return json;
}

}  // namespace entrobench
