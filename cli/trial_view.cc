#include "cli/trial_view.h"

#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/facts.h"
#include "cli/format.h"
#include "cli/metrics.h"
#include "cli/reference.h"
#include "cli/table.h"
#include "common/value.h"

namespace entrobench::cli {
namespace {

using Align = Column::Align;

std::string Score(const v1::TrialTotals& totals) {
  if (totals.samples() == 0) return "";
  return absl::StrCat(
      FormatFixed(100 * totals.score_sum() / static_cast<double>(totals.samples()), 1), " %");
}

std::string Samples(const v1::TrialStatus& status) {
  const v1::TrialTotals& totals = status.totals();
  std::string text = FormatCount(totals.samples());
  if (totals.samples() < status.trial().samples())
    absl::StrAppend(&text, " of ", FormatCount(status.trial().samples()));
  if (totals.errors() > 0) absl::StrAppend(&text, ", ", CountOf(totals.errors(), "error"));
  if (totals.reused() > 0) absl::StrAppend(&text, ", ", FormatCount(totals.reused()), " reused");
  return text;
}

std::string MeaningOf(const v1::SuiteInfo& suite, const std::string& metric) {
  for (const v1::MetricInfo& info : suite.metrics()) {
    if (info.name() == metric) return info.meaning();
  }
  return "";
}

// Each metric with what it means, where that is known.
Table MetricsTable(const v1::TrialDetail& detail, const std::vector<std::string>& names,
                   const v1::SuiteInfo& suite) {
  Table table({{"metric", Align::kLeft, true}, {"value", Align::kRight}, {"", Align::kLeft, true}});
  for (const std::string& name : names) {
    table.AddRow({name, FormatMetric(detail.metrics().at(name)), MeaningOf(suite, name)});
  }
  return table;
}

Table GroupErrorsTable(const std::map<std::string, double>& errors) {
  Table table({{"group"}, {"error %", Align::kRight}});
  for (const auto& [group, error] : errors) table.AddRow({group, FormatFixed(100 * error, 1)});
  return table;
}

}  // namespace

std::string FormatTrial(const v1::TrialDetail& detail, const std::string& label,
                        const v1::SuiteInfo& suite, const Terminal& terminal) {
  const v1::Trial& trial = detail.status().trial();
  std::ostringstream out;
  std::vector<std::string> title = {absl::StrCat(TrialName(trial.id()), " ", label),
                                    trial.suite().id()};
  if (!trial.model().name().empty()) title.push_back(trial.model().name());
  title.push_back(absl::StrCat("seed ", trial.seed()));
  PrintTitle(out, terminal, absl::StrJoin(title, absl::StrCat(" ", terminal.glyphs().dot, " ")),
             StateWord(detail.status().state()));
  const auto fact = [&](absl::string_view name, absl::string_view value) {
    PrintFact(out, terminal, name, value);
  };
  fact("sweep", absl::StrCat(SweepName(trial.sweep_id()), " ", detail.sweep_name()));
  fact("options", CanonicalParams(trial.suite().options()));
  fact("score", Score(detail.status().totals()));
  fact("samples", Samples(detail.status()));
  fact("approximation", trial.approximation());
  const std::string collapse = CollapseWords(detail.metrics());
  if (!collapse.empty()) {
    out << "  " << terminal.Paint(Style::kWarning, absl::StrCat("This run ", collapse, "."))
        << '\n';
  }
  const std::vector<std::string> names = OtherMetrics(detail.metrics(), suite.metrics());
  if (!names.empty()) out << '\n' << MetricsTable(detail, names, suite).Text(terminal);
  const std::map<std::string, double> errors = GroupErrors(detail.metrics());
  if (!errors.empty()) out << '\n' << GroupErrorsTable(errors).Text(terminal);
  out << "\n  entrobench samples " << TrialName(trial.id()) << "   lists what it answered\n";
  return out.str();
}

}  // namespace entrobench::cli
