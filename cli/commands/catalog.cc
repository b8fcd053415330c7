// entrobench methods, suites: what can be run. The coordinator knows it from the workers that
// connected to it.
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/facts.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/reference.h"
#include "cli/table.h"
#include "common/catalog_words.h"
#include "common/status_macros.h"
#include "common/value.h"

namespace entrobench::cli {
namespace {

using Align = Column::Align;

struct Options {
  std::string name;
  bool json = false;
};

constexpr char kNothingYet[] =
    "Nothing yet: no worker has connected. Start one with: entrobench up\n";

// "0.1 to 1", "at least 0", "a, b or c"; empty when anything goes.
std::string Range(const v1::Parameter& parameter) {
  if (!parameter.choices().empty()) return absl::StrJoin(parameter.choices(), ", ");
  if (parameter.type() != v1::Parameter::TYPE_INTEGER &&
      parameter.type() != v1::Parameter::TYPE_REAL)
    return "";
  const auto number = [&](double value) {
    return std::floor(value) == value && std::abs(value) < 1e15
               ? absl::StrCat(static_cast<int64_t>(value))
               : CanonicalValue(RealValue(value));
  };
  const bool low = std::isfinite(parameter.minimum()), high = std::isfinite(parameter.maximum());
  if (low && high)
    return absl::StrCat(number(parameter.minimum()), " to ", number(parameter.maximum()));
  if (low) return absl::StrCat("at least ", number(parameter.minimum()));
  if (high) return absl::StrCat("at most ", number(parameter.maximum()));
  return "";
}

void PrintParameters(Context& context, absl::string_view title,
                     const google::protobuf::RepeatedPtrField<v1::Parameter>& parameters) {
  if (parameters.empty()) return;
  context.out << '\n';
  PrintTitle(context.out, context.out_terminal, title);
  Table table({{"name"},
               {"type"},
               {"default"},
               {"range", Align::kLeft, true},
               {"meaning", Align::kLeft, true}});
  for (const v1::Parameter& parameter : parameters) {
    table.AddRow({parameter.name(), ParameterTypeWord(parameter.type()),
                  CanonicalValue(parameter.default_value()), Range(parameter),
                  parameter.meaning()});
  }
  context.out << table.Text(context.out_terminal);
}

void PrintMetrics(Context& context, const v1::SuiteInfo& suite) {
  if (suite.metrics().empty()) return;
  context.out << '\n';
  PrintTitle(context.out, context.out_terminal, "Reported beside the score");
  Table table({{"name"}, {"meaning", Align::kLeft, true}});
  for (const v1::MetricInfo& metric : suite.metrics())
    table.AddRow({metric.name(), metric.meaning()});
  context.out << table.Text(context.out_terminal);
}

absl::StatusOr<int> ListMethods(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const v1::ListMethodsReply reply, client.ListMethods());
  if (options.json) {
    context.out << PrettyJson(reply);
    return kOk;
  }
  if (reply.methods().empty()) {
    context.out << kNothingYet;
    return kOk;
  }
  Table table({{"method"}, {"family"}, {"kind"}, {"what it does", Align::kLeft, true}});
  for (const v1::MethodInfo& method : reply.methods()) {
    table.AddRow(
        {method.id(), method.family(), method.rival() ? "rival" : "entropy", method.summary()});
  }
  context.out << table.Text(context.out_terminal)
              << "  entrobench methods show NAME   tells its equation and parameters\n";
  return kOk;
}

absl::StatusOr<int> ShowMethod(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const v1::ListMethodsReply reply, client.ListMethods());
  std::vector<std::string> names;
  for (const v1::MethodInfo& method : reply.methods()) {
    names.push_back(method.id());
    if (method.id() != options.name) continue;
    if (options.json) {
      context.out << PrettyJson(method);
      return kOk;
    }
    const auto fact = [&](absl::string_view name, absl::string_view value) {
      PrintFact(context.out, context.out_terminal, name, value);
    };
    PrintTitle(context.out, context.out_terminal, method.id(), method.title());
    fact("summary", method.summary());
    fact("equation", method.equation());
    fact("family", method.family());
    fact("kind", method.rival() ? "rival: a baseline that methods must beat" : "entropy method");
    fact("version", method.version());
    std::vector<std::string> needs;
    for (const int need : method.needs())
      needs.push_back(CapabilityWords(static_cast<v1::Capability>(need)));
    for (std::string& need : ConditionalNeedsInWords(method)) needs.push_back(std::move(need));
    fact("needs", absl::StrJoin(needs, ", "));
    fact("otherwise", method.approximation().empty()
                          ? ""
                          : absl::StrCat("approximated: ", method.approximation()));
    fact("learns",
         method.learns() ? "from training problems, before the first one that counts" : "");
    fact("cost", method.cost());
    if (method.has_paper()) {
      std::string paper = absl::StrCat(method.paper().authors(), ": ", method.paper().title());
      if (method.paper().year() > 0) absl::StrAppend(&paper, " (", method.paper().year(), ")");
      fact("paper", paper);
      fact("", method.paper().url());
    }
    PrintParameters(context, "Parameters", method.parameters());
    return kOk;
  }
  return NoSuch("method", options.name, names);
}

// What stands in the list's column for the number of samples.
std::string SuiteSize(const v1::SuiteInfo& suite) {
  return suite.needs_data() && suite.samples() == 0 ? "needs data" : FormatCount(suite.samples());
}

absl::StatusOr<int> ListSuites(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const v1::ListSuitesReply reply, client.ListSuites());
  if (options.json) {
    context.out << PrettyJson(reply);
    return kOk;
  }
  if (reply.suites().empty()) {
    context.out << kNothingYet;
    return kOk;
  }
  Table table({{"suite"},
               {"family"},
               {"samples", Align::kRight},
               {"metric"},
               {"what it is", Align::kLeft, true}});
  std::string missing;
  for (const v1::SuiteInfo& suite : reply.suites()) {
    const bool needs_data = suite.needs_data() && suite.samples() == 0;
    if (needs_data && missing.empty()) missing = suite.id();
    table.AddRow({suite.id(), suite.family(),
                  Cell(SuiteSize(suite), needs_data ? Style::kWarning : Style::kPlain),
                  suite.primary_metric(), suite.summary()});
  }
  context.out << table.Text(context.out_terminal)
              << "  entrobench suites show NAME     tells its options and data\n";
  if (!missing.empty())
    context.out << "  entrobench data add " << missing << " PATH   gives it its data\n";
  return kOk;
}

absl::StatusOr<int> ShowSuite(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const v1::ListSuitesReply reply, client.ListSuites());
  std::vector<std::string> names;
  for (const v1::SuiteInfo& suite : reply.suites()) {
    names.push_back(suite.id());
    if (suite.id() != options.name) continue;
    if (options.json) {
      context.out << PrettyJson(suite);
      return kOk;
    }
    const auto fact = [&](absl::string_view name, absl::string_view value) {
      PrintFact(context.out, context.out_terminal, name, value);
    };
    PrintTitle(context.out, context.out_terminal, suite.id(), suite.title());
    fact("summary", suite.summary());
    fact("family", suite.family());
    fact("samples", SuiteSize(suite));
    fact("metric", suite.primary_metric());
    fact("version", suite.version());
    fact("order", suite.ordered() ? "matters: a trial runs as one job" : "");
    fact("digest", ShortDigest(suite.digest()));
    if (!suite.data().digest().empty()) {
      fact("data",
           absl::StrCat(suite.data().file_name(), ", ", FormatBytes(suite.data().size_bytes()),
                        ", ", ShortDigest(suite.data().digest())));
    } else if (suite.needs_data()) {
      fact("data", absl::StrCat("missing; add it with: entrobench data add ", suite.id(), " PATH"));
    }
    fact("data format", suite.data_format());
    fact("definition", suite.definition());
    PrintParameters(context, "Options (under `options:` in a sweep)", suite.options());
    PrintMetrics(context, suite);
    return kOk;
  }
  return NoSuch("suite", options.name, names);
}

using Run = absl::StatusOr<int> (*)(Context&, Client&, const Options&);

void AddCatalogCommand(CommandLine& line, const std::string& name, const std::string& singular,
                       const std::string& example, Run list, Run show) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      AddCommand(line.app, name, absl::StrCat("List the ", name, ", or show one"),
                 {name, absl::StrCat(name, " show ", example), absl::StrCat(name, " --json")});
  command->group("Look up");
  AddListing(line, command, &options->json,
             [=](Context& context, Client& client) { return list(context, client, *options); });
  CLI::App* one = AddCommand(
      command, "show", absl::StrCat("Show one ", singular),
      {absl::StrCat(name, " show ", example), absl::StrCat(name, " show ", example, " --json")});
  one->add_option("NAME", options->name, absl::StrCat("The ", singular, "'s name"))->required();
  AddJsonFlag(one, &options->json);
  WhenChosen(line, one,
             [=](Context& context, Client& client) { return show(context, client, *options); });
}

}  // namespace

void AddCatalogCommands(CommandLine& line) {
  AddCatalogCommand(line, "methods", "method", "top-h", ListMethods, ShowMethod);
  AddCatalogCommand(line, "suites", "suite", "arith", ListSuites, ShowSuite);
}

}  // namespace entrobench::cli
