// entrobench baseline: name what later runs are held against.
#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/reference.h"
#include "cli/side.h"
#include "cli/table.h"
#include "cli/text_width.h"
#include "cli/who.h"
#include "common/status_macros.h"

namespace entrobench::cli {
namespace {

struct BaselineOptions {
  std::string name;
  std::string what;
  std::string note;
  bool json = false;
};

std::string What(const v1::Baseline& baseline) {
  return baseline.sweep_id() != 0 ? SweepName(baseline.sweep_id()) : TrialName(baseline.trial_id());
}

absl::StatusOr<int> SetBaseline(Context& context, Client& client, const BaselineOptions& options) {
  EB_ASSIGN_OR_RETURN(const v1::Side side, ResolveSide(client, options.what));
  if (side.has_baseline() || !side.method().empty()) {
    return absl::InvalidArgumentError("a baseline is a whole sweep or one trial (s12 or t34)");
  }
  v1::SetBaselineRequest request;
  request.set_name(options.name);
  request.set_sweep_id(side.sweep_id());
  request.set_trial_id(side.trial_id());
  request.set_set_by(WhoAmI(context));
  request.set_note(options.note);
  EB_ASSIGN_OR_RETURN(const v1::Baseline baseline, client.SetBaseline(request));
  if (options.json) {
    context.out << PrettyJson(baseline);
  } else {
    context.out << "Baseline " << baseline.name() << " is " << What(baseline) << ".\n";
  }
  return kOk;
}

absl::StatusOr<int> ListBaselines(Context& context, Client& client,
                                  const BaselineOptions& options) {
  EB_ASSIGN_OR_RETURN(const v1::ListBaselinesReply reply, client.ListBaselines());
  if (options.json) {
    context.out << PrettyJson(reply);
    return kOk;
  }
  if (reply.baselines().empty()) {
    context.out << "No baselines yet. Set one with: entrobench baseline set NAME SWEEP\n";
    return kOk;
  }
  Table table({{"baseline"},
               {"is"},
               {"set", Column::Align::kLeft},
               {"by"},
               {"note", Column::Align::kLeft, true}});
  for (const v1::Baseline& baseline : reply.baselines()) {
    table.AddRow({baseline.name(), What(baseline), FormatAgo(baseline.set_at(), context.now()),
                  Printable(baseline.set_by()), Printable(baseline.note())});
  }
  context.out << table.Text(context.out_terminal);
  return kOk;
}

absl::StatusOr<int> DeleteBaseline(Context& context, Client& client,
                                   const BaselineOptions& options) {
  EB_RETURN_IF_ERROR(client.DeleteBaseline(options.name));
  context.out << "Baseline " << options.name << " is deleted; its gates stay in the history.\n";
  return kOk;
}

}  // namespace

void AddBaselineCommand(CommandLine& line) {
  const auto options = std::make_shared<BaselineOptions>();
  CLI::App* baseline = AddCommand(line.app, "baseline", "Name what later runs are held against",
                                  {"baseline set main s12", "baseline list"});
  baseline->group("Gate");
  baseline->require_subcommand(1);
  CLI::App* set =
      AddCommand(baseline, "set", "Give a sweep or trial a name; replaces the old one",
                 {"baseline set main s12 --note 'release 1.2'", "baseline set best-greedy t34"});
  set->add_option("NAME", options->name, "The baseline's name")->required();
  set->add_option("SWEEP|TRIAL", options->what, "s12, t34 or a sweep's name")->required();
  set->add_option("--note", options->note, "What it is, for people");
  AddJsonFlag(set, &options->json);
  WhenChosen(line, set, [options](Context& context, Client& client) {
    return SetBaseline(context, client, *options);
  });
  CLI::App* list =
      AddCommand(baseline, "list", "The baselines, with who set them and when", {"baseline list"});
  AddJsonFlag(list, &options->json);
  WhenChosen(line, list, [options](Context& context, Client& client) {
    return ListBaselines(context, client, *options);
  });
  CLI::App* remove =
      AddCommand(baseline, "delete", "Forget a baseline; its gates stay", {"baseline delete main"});
  remove->add_option("NAME", options->name, "The baseline's name")->required();
  WhenChosen(line, remove, [options](Context& context, Client& client) {
    return DeleteBaseline(context, client, *options);
  });
}

}  // namespace entrobench::cli
