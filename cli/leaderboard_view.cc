#include "cli/leaderboard_view.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/metrics.h"
#include "cli/table.h"
#include "cli/text_width.h"
#include "common/series.h"
#include "common/value.h"

namespace entrobench::cli {
namespace {

using Align = Column::Align;

// Shares are read as percentages, anything else as it is.
bool InPercent(const v1::Leaderboard& board) { return board.primary_metric() == "accuracy"; }

std::string Score(const v1::Leaderboard& board, double score) {
  return InPercent(board) ? FormatFixed(100 * score, 1) : FormatFixed(score, 3);
}

// What stands in a column of its own only where rows differ in it.
struct Differences {
  bool model = false;
  bool options = false;
  bool deterministic = false;
  bool missing = false;  // samples still to come
  bool errors = false;
  bool tokens = false;               // some row generated any
  std::vector<std::string> metrics;  // those of the suite's columns that some row has
};

bool HasMetric(const v1::Leaderboard& board, const std::string& name) {
  return std::any_of(board.rows().begin(), board.rows().end(),
                     [&](const v1::LeaderboardRow& row) { return row.metrics().contains(name); });
}

Differences FindDifferences(const v1::Leaderboard& board) {
  std::set<std::string> models, options;
  std::set<bool> deterministic;
  Differences differences;
  for (const v1::LeaderboardRow& row : board.rows()) {
    models.insert(absl::StrCat(row.model(), " ", row.model_digest()));
    options.insert(row.suite_options());
    deterministic.insert(row.deterministic());
    differences.missing |= row.samples() < row.samples_wanted();
    differences.errors |= row.errors() > 0;
    differences.tokens |= row.tokens_per_problem() > 0;
  }
  for (const v1::MetricInfo& metric : board.metrics()) {
    // A collapse stands beside the method's name.
    if (metric.column() && metric.name() != kCollapsedAt && HasMetric(board, metric.name()))
      differences.metrics.push_back(metric.name());
  }
  differences.model = models.size() > 1;
  differences.options = options.size() > 1;
  differences.deterministic = deterministic.size() > 1;
  return differences;
}

std::string Samples(const v1::LeaderboardRow& row) {
  if (row.samples() >= row.samples_wanted()) return FormatCount(row.samples());
  return absl::StrCat(FormatCount(row.samples()), "/", FormatCount(row.samples_wanted()));
}

std::string MethodCell(const v1::LeaderboardRow& row, const MethodLabels& labels,
                       const Differences& differences) {
  std::string text = labels.Label(row.method());
  if (differences.options && !row.suite_options().empty())
    absl::StrAppend(&text, " [", row.suite_options(), "]");
  if (differences.deterministic && row.deterministic()) absl::StrAppend(&text, " [deterministic]");
  const std::string collapse = CollapseWords(row.metrics());
  if (!collapse.empty()) absl::StrAppend(&text, " (", collapse, ")");
  return text;
}

std::string MetricCell(const v1::LeaderboardRow& row, const std::string& name) {
  const auto value = row.metrics().find(name);
  return value == row.metrics().end() ? "" : FormatMetric(value->second);
}

Table MakeTable(const v1::Leaderboard& board, const MethodLabels& labels, const Glyphs& glyphs) {
  const Differences differences = FindDifferences(board);
  std::vector<Column> columns = {{"#", Align::kRight}, {"method", Align::kLeft, true}};
  if (differences.model) columns.emplace_back("model", Align::kLeft, true);
  const std::string unit = InPercent(board) ? " %" : "";
  columns.emplace_back(absl::StrCat(board.primary_metric(), unit), Align::kRight);
  columns.emplace_back(absl::StrCat("95%", " interval"), Align::kRight);
  columns.emplace_back("samples", Align::kRight);
  if (differences.errors) columns.emplace_back("errors", Align::kRight);
  for (const std::string& metric : differences.metrics) columns.emplace_back(metric, Align::kRight);
  if (differences.tokens) columns.emplace_back("tokens", Align::kRight);
  columns.emplace_back("nats", Align::kRight);
  columns.emplace_back("s", Align::kRight);
  Table table(std::move(columns));
  for (const v1::LeaderboardRow& row : board.rows()) {
    const bool best = row.group() == 1;
    std::vector<Cell> cells;
    cells.emplace_back(row.group() == 0 ? "" : absl::StrCat(row.group()));
    const bool collapsed = row.metrics().contains(kCollapsedAt);
    cells.emplace_back(MethodCell(row, labels, differences), collapsed ? Style::kWarning
                                                             : best    ? Style::kBold
                                                                       : Style::kPlain);
    if (differences.model) cells.emplace_back(row.model());
    cells.emplace_back(Score(board, row.score()), best ? Style::kGood : Style::kPlain);
    cells.emplace_back(row.has_score_interval()
                           ? absl::StrCat(Score(board, row.score_interval().low()), glyphs.dash,
                                          Score(board, row.score_interval().high()))
                           : "");
    cells.emplace_back(Samples(row),
                       row.samples() < row.samples_wanted() ? Style::kWarning : Style::kPlain);
    if (differences.errors) {
      cells.emplace_back(FormatCount(row.errors()), row.errors() > 0 ? Style::kBad : Style::kPlain);
    }
    for (const std::string& metric : differences.metrics)
      cells.emplace_back(MetricCell(row, metric));
    if (differences.tokens) cells.emplace_back(FormatFixed(row.tokens_per_problem(), 1));
    cells.emplace_back(FormatFixed(row.entropy_per_token(), 3));
    cells.emplace_back(
        FormatFixed(row.seconds_per_problem(), row.seconds_per_problem() < 1 ? 3 : 1));
    table.AddRow(std::move(cells));
  }
  return table;
}

bool HasUncertainty(const v1::Leaderboard& board) {
  return std::any_of(board.rows().begin(), board.rows().end(),
                     [](const v1::LeaderboardRow& row) { return row.has_uncertainty(); });
}

// How well each method knows when it is wrong; rows without an uncertainty are left out.
Table UncertaintyTable(const v1::Leaderboard& board, const MethodLabels& labels,
                       const Glyphs& glyphs) {
  const Differences differences = FindDifferences(board);
  std::vector<Column> columns = {{"method", Align::kLeft, true}};
  if (differences.model) columns.emplace_back("model", Align::kLeft, true);
  for (const char* name : {"AUROC", "95% interval", "AURC", "PRR", "ECE", "Brier", "risk@80 %"}) {
    columns.emplace_back(name, Align::kRight);
  }
  Table table(std::move(columns));
  for (const v1::LeaderboardRow& row : board.rows()) {
    if (!row.has_uncertainty()) continue;
    const v1::Uncertainty& uncertainty = row.uncertainty();
    std::vector<Cell> cells = {MethodCell(row, labels, differences)};
    if (differences.model) cells.emplace_back(row.model());
    cells.emplace_back(FormatFixed(uncertainty.auroc(), 3));
    cells.emplace_back(uncertainty.has_auroc_interval()
                           ? absl::StrCat(FormatFixed(uncertainty.auroc_interval().low(), 3),
                                          glyphs.dash,
                                          FormatFixed(uncertainty.auroc_interval().high(), 3))
                           : "");
    for (const double value :
         {uncertainty.aurc(), uncertainty.prr(), uncertainty.ece(), uncertainty.brier()}) {
      cells.emplace_back(FormatFixed(value, 3));
    }
    cells.emplace_back(FormatFixed(100 * uncertainty.risk_at_80(), 1));
    table.AddRow(std::move(cells));
  }
  return table;
}

constexpr char kUncertaintyTitle[] = "Does it know when it is wrong?";
constexpr char kUncertaintyLegend[] =
    "AUROC: chance that a wrong answer is the less certain (0.5: chance), DeLong interval; AURC: "
    "area "
    "under risk over coverage, lower is better; PRR: 1 is a perfect order, 0 a random one; ECE, "
    "Brier: "
    "after isotonic calibration on the other half of the problems; risk@80: wrong among the 80% "
    "most "
    "certain.";

// The k that are worth a column: 2, 4, 8, ... and the largest that any row has.
std::vector<uint32_t> ShownK(const v1::Leaderboard& board) {
  std::set<uint32_t> all;
  for (const v1::LeaderboardRow& row : board.rows()) {
    for (const v1::AtK& at : row.pass_at_k()) all.insert(at.k());
  }
  std::vector<uint32_t> shown;
  for (const uint32_t k : all) {
    const bool power_of_two = (k & (k - 1)) == 0;
    if (k > 1 && (power_of_two || k == *all.rbegin())) shown.push_back(k);
  }
  return shown;
}

std::string At(const google::protobuf::RepeatedPtrField<v1::AtK>& values, uint32_t k) {
  for (const v1::AtK& at : values) {
    if (at.k() == k) return FormatFixed(100 * at.value(), 1);
  }
  return "";
}

// What several answers to a problem would bring.
Table SeveralAnswersTable(const v1::Leaderboard& board, const MethodLabels& labels) {
  const Differences differences = FindDifferences(board);
  std::vector<Column> columns = {{"method", Align::kLeft, true}};
  if (differences.model) columns.emplace_back("model", Align::kLeft, true);
  const std::vector<uint32_t> shown = ShownK(board);
  for (const uint32_t k : shown) {
    columns.emplace_back(absl::StrCat("pass@", k, " %"), Align::kRight);
    columns.emplace_back(absl::StrCat("maj@", k, " %"), Align::kRight);
  }
  Table table(std::move(columns));
  for (const v1::LeaderboardRow& row : board.rows()) {
    if (row.pass_at_k().empty()) continue;
    std::vector<Cell> cells = {MethodCell(row, labels, differences)};
    if (differences.model) cells.emplace_back(row.model());
    for (const uint32_t k : shown) {
      cells.emplace_back(At(row.pass_at_k(), k));
      cells.emplace_back(At(row.majority_at_k(), k));
    }
    table.AddRow(std::move(cells));
  }
  return table;
}

constexpr char kSeveralAnswersTitle[] = "Several answers to a problem";
constexpr char kSeveralAnswersLegend[] =
    "pass@k: some of k seeds' answers is right; maj@k: the most frequent of them is.";

// Methods by groups. For Markdown only: fifteen groups are wider than most terminals.
Table GroupErrorsTable(const v1::Leaderboard& board, const MethodLabels& labels) {
  const Differences differences = FindDifferences(board);
  std::set<std::string> groups;
  for (const v1::LeaderboardRow& row : board.rows()) {
    for (const auto& [group, error] : GroupErrors(row.metrics())) groups.insert(group);
  }
  std::vector<Column> columns = {{"method", Align::kLeft, true}};
  if (differences.model) columns.emplace_back("model", Align::kLeft, true);
  for (const std::string& group : groups) columns.emplace_back(group, Align::kRight);
  Table table(std::move(columns));
  for (const v1::LeaderboardRow& row : board.rows()) {
    const std::map<std::string, double> errors = GroupErrors(row.metrics());
    if (errors.empty()) continue;
    std::vector<Cell> cells = {MethodCell(row, labels, differences)};
    if (differences.model) cells.emplace_back(row.model());
    for (const std::string& group : groups) {
      const auto error = errors.find(group);
      cells.emplace_back(error == errors.end() ? "" : FormatFixed(100 * error->second, 1));
    }
    table.AddRow(std::move(cells));
  }
  return table;
}

constexpr char kGroupErrorsTitle[] = "Error in each group, %";

// "arith, tiny-reasoner, 200 problems, 2 seeds"
std::string Title(const v1::Leaderboard& board, const Glyphs& glyphs) {
  std::set<std::string> models;
  std::set<uint64_t> seeds;
  uint64_t most = 0, least = UINT64_MAX;
  for (const v1::LeaderboardRow& row : board.rows()) {
    models.insert(row.model());
    seeds.insert(row.seeds().begin(), row.seeds().end());
    most = std::max(most, row.problems());
    least = std::min(least, row.problems());
  }
  std::vector<std::string> facts = {board.suite()};
  if (models.size() == 1) facts.push_back(*models.begin());
  if (!board.rows().empty()) {
    facts.push_back(least == most
                        ? CountOf(most, "problem")
                        : absl::StrCat(FormatCount(least), " to ", CountOf(most, "problem")));
    facts.push_back(CountOf(seeds.size(), "seed"));
  }
  return absl::StrJoin(facts, absl::StrCat(" ", glyphs.dot, " "));
}

absl::string_view WithoutFullStop(absl::string_view sentence) {
  absl::ConsumeSuffix(&sentence, ".");
  return sentence;
}

std::string Legend(const v1::Leaderboard& board, const MethodLabels& labels) {
  std::set<std::string> intervals;
  for (const v1::LeaderboardRow& row : board.rows()) {
    if (!row.interval_kind().empty()) intervals.insert(row.interval_kind());
  }
  std::string text = "The data cannot tell methods of the same # apart";
  if (labels.leaves_out()) absl::StrAppend(&text, "; parameters at their defaults are left out");
  absl::StrAppend(&text, FindDifferences(board).tokens
                             ? "; tokens, s: for each problem; nats: mean entropy a token"
                             : "; s: for each problem; nats: mean entropy of an answer");
  for (const v1::MetricInfo& metric : board.metrics()) {
    if (metric.column() && !metric.meaning().empty() && HasMetric(board, metric.name()))
      absl::StrAppend(&text, "; ", metric.name(), ": ", WithoutFullStop(metric.meaning()));
  }
  if (!intervals.empty()) absl::StrAppend(&text, "; interval: ", absl::StrJoin(intervals, ", "));
  return absl::StrCat(text, ".");
}

std::string Wrapped(absl::string_view text, const Terminal& terminal) {
  if (terminal.width <= 0) return std::string(text);
  return absl::StrJoin(WrapToWidth(text, terminal.width), "\n");
}

std::string Csv(const v1::Leaderboard& board) {
  std::set<std::string> metrics;  // of any row
  for (const v1::LeaderboardRow& row : board.rows()) {
    for (const auto& [name, value] : row.metrics()) metrics.insert(name);
  }
  std::vector<std::string> header = {"group",
                                     "method",
                                     "version",
                                     "params",
                                     "model",
                                     "model_digest",
                                     "suite",
                                     "suite_digest",
                                     "options",
                                     "deterministic",
                                     "seeds",
                                     "trials",
                                     "problems",
                                     "samples",
                                     "samples_wanted",
                                     "errors",
                                     "metric",
                                     "score",
                                     "low",
                                     "high",
                                     "interval",
                                     "tokens_per_problem",
                                     "entropy_per_token",
                                     "seconds_per_problem",
                                     "auroc",
                                     "auroc_low",
                                     "auroc_high",
                                     "aurc",
                                     "prr",
                                     "ece",
                                     "brier",
                                     "risk_at_80"};
  header.insert(header.end(), metrics.begin(), metrics.end());
  std::string text = CsvRecord(header);
  // Nothing where there is no number.
  const auto number = [](double value) {
    return std::isfinite(value) ? CanonicalValue(RealValue(value)) : std::string();
  };
  for (const v1::LeaderboardRow& row : board.rows()) {
    const bool interval = row.has_score_interval();
    const bool sure = row.has_uncertainty();
    const v1::Uncertainty& uncertainty = row.uncertainty();
    std::vector<std::string> record = {
        absl::StrCat(row.group()),
        row.method().id(),
        row.method().version(),
        CanonicalParams(row.method().params()),
        row.model(),
        row.model_digest(),
        row.suite(),
        row.suite_digest(),
        row.suite_options(),
        row.deterministic() ? "true" : "false",
        absl::StrJoin(row.seeds(), " "),
        absl::StrJoin(row.trial_ids(), " "),
        absl::StrCat(row.problems()),
        absl::StrCat(row.samples()),
        absl::StrCat(row.samples_wanted()),
        absl::StrCat(row.errors()),
        board.primary_metric(),
        number(row.score()),
        interval ? number(row.score_interval().low()) : "",
        interval ? number(row.score_interval().high()) : "",
        row.interval_kind(),
        number(row.tokens_per_problem()),
        number(row.entropy_per_token()),
        number(row.seconds_per_problem()),
        sure ? number(uncertainty.auroc()) : "",
        uncertainty.has_auroc_interval() ? number(uncertainty.auroc_interval().low()) : "",
        uncertainty.has_auroc_interval() ? number(uncertainty.auroc_interval().high()) : "",
        sure ? number(uncertainty.aurc()) : "",
        sure ? number(uncertainty.prr()) : "",
        sure ? number(uncertainty.ece()) : "",
        sure ? number(uncertainty.brier()) : "",
        sure ? number(uncertainty.risk_at_80()) : ""};
    for (const std::string& name : metrics) {
      const auto value = row.metrics().find(name);
      record.push_back(value == row.metrics().end() ? "" : number(value->second));
    }
    text += CsvRecord(record);
  }
  return text;
}

}  // namespace

std::vector<v1::MethodConfig> MethodsOf(const v1::Leaderboard& board) {
  std::vector<v1::MethodConfig> methods;
  for (const v1::LeaderboardRow& row : board.rows()) methods.push_back(row.method());
  return methods;
}

std::string FormatLeaderboard(const v1::Leaderboard& board, LeaderboardFormat format,
                              const MethodLabels& labels, const Terminal& terminal) {
  if (format == LeaderboardFormat::kCsv) return Csv(board);
  if (format == LeaderboardFormat::kJson) return PrettyJson(board);
  if (format == LeaderboardFormat::kMarkdown) {
    Terminal unicode;
    unicode.unicode = true;  // the file is UTF-8, whatever this terminal shows
    std::string text = absl::StrCat("### ", Title(board, unicode.glyphs()), "\n\n",
                                    MakeTable(board, labels, unicode.glyphs()).Markdown());
    if (!board.rows().empty()) absl::StrAppend(&text, "\n", Legend(board, labels), "\n");
    if (const Table errors = GroupErrorsTable(board, labels); !errors.empty())
      absl::StrAppend(&text, "\n#### ", kGroupErrorsTitle, "\n\n", errors.Markdown());
    if (!ShownK(board).empty()) {
      absl::StrAppend(&text, "\n#### ", kSeveralAnswersTitle, "\n\n",
                      SeveralAnswersTable(board, labels).Markdown(), "\n", kSeveralAnswersLegend,
                      "\n");
    }
    if (HasUncertainty(board)) {
      absl::StrAppend(&text, "\n#### ", kUncertaintyTitle, "\n\n",
                      UncertaintyTable(board, labels, unicode.glyphs()).Markdown(), "\n",
                      kUncertaintyLegend, "\n");
    }
    if (!board.note().empty())
      absl::StrAppend(&text, "\n**Note:** ", Printable(board.note()), "\n");
    return text;
  }
  std::string text =
      absl::StrCat(terminal.Paint(Style::kBold, Title(board, terminal.glyphs())), "\n");
  if (board.rows().empty()) {
    absl::StrAppend(&text, "No results yet.\n");
  } else {
    absl::StrAppend(&text, MakeTable(board, labels, terminal.glyphs()).Text(terminal));
    absl::StrAppend(&text, terminal.Paint(Style::kDim, Wrapped(Legend(board, labels), terminal)),
                    "\n");
    const auto add = [&](const char* title, const Table& table, const char* legend) {
      absl::StrAppend(&text, "\n", terminal.Paint(Style::kBold, title), "\n", table.Text(terminal),
                      terminal.Paint(Style::kDim, Wrapped(legend, terminal)), "\n");
    };
    if (!ShownK(board).empty()) {
      add(kSeveralAnswersTitle, SeveralAnswersTable(board, labels), kSeveralAnswersLegend);
    }
    if (HasUncertainty(board)) {
      add(kUncertaintyTitle, UncertaintyTable(board, labels, terminal.glyphs()),
          kUncertaintyLegend);
    }
  }
  if (!board.note().empty()) {
    absl::StrAppend(
        &text,
        terminal.Paint(Style::kWarning,
                       Wrapped(absl::StrCat("Note: ", Printable(board.note())), terminal)),
        "\n");
  }
  return text;
}

}  // namespace entrobench::cli
