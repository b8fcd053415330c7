// entrobench status, watch, cancel, retry, trials: what happens to a sweep after it was submitted.
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/facts.h"
#include "cli/follow.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/method_label.h"
#include "cli/reference.h"
#include "cli/table.h"
#include "cli/text_width.h"
#include "cli/trial_view.h"
#include "common/status_macros.h"

namespace entrobench::cli {
namespace {

using Align = Column::Align;

struct Options {
  std::string sweep;
  bool json = false;
};

Style StateStyle(v1::State state) {
  switch (state) {
    case v1::STATE_DONE:
      return Style::kGood;
    case v1::STATE_FAILED:
      return Style::kBad;
    case v1::STATE_CANCELLED:
      return Style::kWarning;
    default:
      return Style::kAccent;
  }
}

std::string Percent(uint64_t part, uint64_t whole) {
  // Rounded down, and of nothing everything is there.
  return absl::StrCat(whole == 0 ? 100 : std::min<uint64_t>(100, 100 * part / whole), "%");
}

absl::StatusOr<int> ListSweeps(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const v1::ListSweepsReply reply, client.ListSweeps());
  if (options.json) {
    context.out << PrettyJson(reply);
    return kOk;
  }
  if (reply.sweeps().empty()) {
    context.out << "No sweeps yet. Submit one with: entrobench submit SWEEP.yaml\n";
    return kOk;
  }
  Table table({{"sweep"},
               {"name", Align::kLeft, true},
               {"state"},
               {"trials", Align::kRight},
               {"samples", Align::kRight},
               {"", Align::kRight},
               {"submitted"}});
  for (const v1::SweepStatus& sweep : reply.sweeps()) {
    table.AddRow(
        {SweepName(sweep.id()), sweep.name(),
         Cell(StateWord(sweep.state()), StateStyle(sweep.state())),
         absl::StrCat(FormatCount(sweep.trials_done()), "/", FormatCount(sweep.trials())),
         absl::StrCat(FormatCount(sweep.samples_done()), "/", FormatCount(sweep.samples())),
         Percent(sweep.samples_done(), sweep.samples()),
         FormatAgo(sweep.created_at(), context.now())});
  }
  context.out << table.Text(context.out_terminal);
  return kOk;
}

void PrintFailures(Context& context, const v1::GetSweepReply& reply) {
  if (reply.failures().empty()) return;
  context.out << '\n' << context.out_terminal.Paint(Style::kBold, "Failed jobs") << '\n';
  constexpr int kMostShown = 10;
  for (int i = 0; i < std::min(kMostShown, reply.failures_size()); ++i) {
    const v1::FailedJob& job = reply.failures(i);
    context.out << "  " << TrialName(job.trial_id()) << ", samples " << job.begin() << " to "
                << job.end() - 1 << '\n';
    for (const std::string& error : job.errors()) {
      for (const std::string& text :
           WrapToWidth(Printable(error, true),
                       std::max(20, context.out_terminal.width > 0 ? context.out_terminal.width - 4
                                                                   : 10000))) {
        context.out << "    " << text << '\n';
      }
    }
  }
  if (reply.failures_size() > kMostShown) {
    context.out << "  and " << reply.failures_size() - kMostShown << " more (--json lists all)\n";
  }
  context.out << "  entrobench retry " << SweepName(reply.status().id()) << "   runs them again\n";
}

absl::StatusOr<int> ShowSweep(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const uint64_t id, ResolveSweep(client, options.sweep));
  EB_ASSIGN_OR_RETURN(const v1::GetSweepReply reply, client.GetSweep(id));
  if (options.json) {
    context.out << PrettyJson(reply);
    return kOk;
  }
  const v1::SweepStatus& status = reply.status();
  const Terminal& terminal = context.out_terminal;
  const auto fact = [&](absl::string_view name, const std::string& value) {
    context.out << "  " << terminal.Paint(Style::kDim, name) << std::string(11 - name.size(), ' ')
                << value << '\n';
  };
  context.out << terminal.Paint(Style::kBold,
                                absl::StrCat(SweepName(status.id()), " ", Printable(status.name())))
              << "  " << terminal.Paint(StateStyle(status.state()), StateWord(status.state()))
              << '\n';
  std::string samples =
      absl::StrCat(FormatCount(status.samples_done()), " of ", FormatCount(status.samples()), " (",
                   Percent(status.samples_done(), status.samples()), ")");
  if (status.samples_reused() > 0)
    absl::StrAppend(&samples, ", ", FormatCount(status.samples_reused()), " reused");
  fact("samples", samples);
  fact("trials", absl::StrCat(FormatCount(status.trials_done()), " of ",
                              FormatCount(status.trials()), " done"));
  std::string jobs =
      absl::StrCat(FormatCount(status.jobs_done()), " of ", FormatCount(status.jobs()), " done");
  if (status.jobs_running() > 0) {
    absl::StrAppend(&jobs, ", ", FormatCount(status.jobs_running()), " running on ",
                    CountOf(status.workers(), "worker"));
  }
  if (status.jobs_failed() > 0)
    absl::StrAppend(&jobs, ", ", FormatCount(status.jobs_failed()), " failed");
  fact("jobs", jobs);
  fact("submitted", FormatAgo(status.created_at(), context.now()));
  if (!status.finished_at().empty())
    fact("finished", FormatAgo(status.finished_at(), context.now()));
  if (!status.note().empty())
    fact("note", terminal.Paint(Style::kWarning, Printable(status.note())));
  PrintFailures(context, reply);
  context.out << "\n  entrobench trials " << SweepName(id) << "   lists its trials\n";
  std::set<std::string> suites;
  for (const v1::TrialStatus& trial : reply.trials()) suites.insert(trial.trial().suite().id());
  for (const std::string& suite : suites) {
    context.out << "  entrobench leaderboard --suite " << suite << " --sweep " << SweepName(id)
                << '\n';
  }
  return kOk;
}

absl::StatusOr<int> Watch(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const uint64_t id, ResolveSweep(client, options.sweep));
  EB_ASSIGN_OR_RETURN(const v1::SweepStatus status,
                      FollowSweep(context, client, id, /*known=*/false));
  context.out << (options.json ? PrettyJson(status) : absl::StrCat(Conclusion(status), "\n"));
  return ExitCodeOf(status);
}

absl::StatusOr<int> Cancel(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const uint64_t id, ResolveSweep(client, options.sweep));
  EB_ASSIGN_OR_RETURN(const v1::SweepStatus status, client.CancelSweep(id));
  if (options.json) {
    context.out << PrettyJson(status);
  } else if (status.state() == v1::STATE_CANCELLED) {
    context.out << Conclusion(status) << " What it recorded stays.\n";
  } else {
    context.out << SweepName(id) << " had already ended: " << StateWord(status.state()) << ".\n";
  }
  return kOk;
}

absl::StatusOr<int> Retry(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const uint64_t id, ResolveSweep(client, options.sweep));
  EB_ASSIGN_OR_RETURN(const v1::SweepStatus status, client.RetrySweep(id));
  if (options.json) {
    context.out << PrettyJson(status);
  } else if (status.state() == v1::STATE_RUNNING) {
    context.out << SweepName(id)
                << " runs again: " << CountOf(status.samples() - status.samples_done(), "sample")
                << " to go.\n  entrobench watch " << SweepName(id) << "   shows its progress\n";
  } else {
    context.out << SweepName(id) << " has nothing to run again: it is " << StateWord(status.state())
                << ".\n";
  }
  return kOk;
}

absl::StatusOr<int> ListTrials(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const uint64_t id, ResolveSweep(client, options.sweep));
  EB_ASSIGN_OR_RETURN(const v1::GetSweepReply reply, client.GetSweep(id));
  if (options.json) {
    context.out << PrettyJson(reply);
    return kOk;
  }
  // Columns that say the same in every row are left out.
  std::set<std::string> suites, models;
  std::vector<v1::MethodConfig> methods;
  bool errors = false;
  for (const v1::TrialStatus& trial : reply.trials()) {
    suites.insert(trial.trial().suite().id());
    models.insert(trial.trial().model().name());
    methods.push_back(trial.trial().method());
    errors |= trial.totals().errors() > 0;
  }
  std::vector<Column> columns = {{"trial"}, {"method", Align::kLeft, true}};
  if (suites.size() > 1) columns.emplace_back("suite", Align::kLeft, true);
  if (models.size() > 1) columns.emplace_back("model", Align::kLeft, true);
  columns.insert(
      columns.end(),
      {{"seed", Align::kRight}, {"state"}, {"samples", Align::kRight}, {"score %", Align::kRight}});
  if (errors) columns.emplace_back("errors", Align::kRight);
  const MethodLabels labels = LabelsFor(client, methods);
  Table table(std::move(columns));
  for (const v1::TrialStatus& trial : reply.trials()) {
    const v1::TrialTotals& totals = trial.totals();
    std::vector<Cell> cells = {TrialName(trial.trial().id()), labels.Label(trial.trial().method())};
    if (suites.size() > 1) cells.emplace_back(trial.trial().suite().id());
    if (models.size() > 1) cells.emplace_back(trial.trial().model().name());
    cells.emplace_back(absl::StrCat(trial.trial().seed()));
    cells.emplace_back(StateWord(trial.state()), StateStyle(trial.state()));
    cells.emplace_back(
        absl::StrCat(FormatCount(totals.samples()), "/", FormatCount(trial.trial().samples())));
    cells.emplace_back(
        totals.samples() == 0
            ? "-"
            : FormatFixed(100 * totals.score_sum() / static_cast<double>(totals.samples()), 1));
    if (errors)
      cells.emplace_back(FormatCount(totals.errors()),
                         totals.errors() > 0 ? Style::kBad : Style::kPlain);
    table.AddRow(std::move(cells));
  }
  std::vector<std::string> title = {SweepName(id), Printable(reply.status().name())};
  if (suites.size() == 1) title.push_back(*suites.begin());
  if (models.size() == 1) title.push_back(*models.begin());
  const std::string dot = absl::StrCat(" ", context.out_terminal.glyphs().dot, " ");
  PrintTitle(context.out, context.out_terminal, absl::StrJoin(title, dot));
  context.out << table.Text(context.out_terminal);
  return kOk;
}

absl::StatusOr<int> ShowTrial(Context& context, Client& client, uint64_t id, bool json) {
  EB_ASSIGN_OR_RETURN(const v1::TrialDetail detail, client.GetTrial(id));
  if (json) {
    context.out << PrettyJson(detail);
    return kOk;
  }
  const v1::Trial& trial = detail.status().trial();
  // What the metrics mean; a suite that nobody describes any more still has its numbers.
  v1::SuiteInfo described;
  if (const auto suites = client.ListSuites(); suites.ok()) {
    for (const v1::SuiteInfo& suite : suites->suites()) {
      if (suite.id() == trial.suite().id()) described = suite;
    }
  }
  const std::string label = LabelsFor(client, {trial.method()}).Label(trial.method());
  context.out << FormatTrial(detail, label, described, context.out_terminal);
  return kOk;
}

// Of a sweep, or with "t345" that trial's numbers.
absl::StatusOr<int> Trials(Context& context, Client& client, const Options& options) {
  if (absl::StartsWith(options.sweep, "t")) {
    if (const std::optional<uint64_t> trial = ParseId('t', options.sweep))
      return ShowTrial(context, client, *trial, options.json);
  }
  return ListTrials(context, client, options);
}

constexpr char kSweepHelp[] = "The sweep: s12, 12, or its name";

CLI::App* AddSweepCommand(CommandLine& line, const std::string& name, const std::string& summary,
                          const std::vector<std::string>& examples,
                          absl::StatusOr<int> (*run)(Context&, Client&, const Options&)) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = AddCommand(line.app, name, summary, examples);
  command->group("Run");
  command->add_option("SWEEP", options->sweep, kSweepHelp)->required();
  AddJsonFlag(command, &options->json);
  WhenChosen(line, command, [options, run](Context& context, Client& client) {
    return run(context, client, *options);
  });
  return command;
}

}  // namespace

void AddSweepCommands(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  CLI::App* status =
      AddCommand(line.app, "status", "List all sweeps, or show one",
                 {"status", "status s12", "status \"entropy samplers on arith\" --json"});
  status->group("Run");
  status->add_option("SWEEP", options->sweep, absl::StrCat(kSweepHelp, "; without it, all sweeps"));
  AddJsonFlag(status, &options->json);
  WhenChosen(line, status, [options](Context& context, Client& client) {
    return options->sweep.empty() ? ListSweeps(context, client, *options)
                                  : ShowSweep(context, client, *options);
  });
  AddSweepCommand(
      line, "watch", "Show a sweep's progress until it ends",
      {"watch s12", "watch s12 --json 2>/dev/null         # wait, then print how it ended"}, Watch);
  AddSweepCommand(line, "cancel", "End a sweep; what it recorded stays",
                  {"cancel s12", "cancel 12 --json"}, Cancel);
  AddSweepCommand(line, "retry", "Run a sweep's failed and cancelled jobs again",
                  {"retry s12", "retry s12 --json"}, Retry);
  AddSweepCommand(line, "trials", "List a sweep's trials, or show one with all its metrics",
                  {"trials s12", "trials s12 --json", "trials t345     # one of them"}, Trials);
}

}  // namespace entrobench::cli
