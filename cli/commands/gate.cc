// entrobench gate: stop a change that made a method worse.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/format.h"
#include "cli/gate_view.h"
#include "cli/reference.h"
#include "cli/until_decided.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace entrobench::cli {
namespace {

struct GateOptions {
  std::string baseline;
  std::string candidate;
  std::string metric;
  double margin = 0.05;
  double alpha = 0.05;
  bool until_decided = false;
  uint64_t max_samples = 0;
  std::vector<std::string> formats = {"text"};
};

constexpr std::pair<const char*, GateFormat> kFormats[] = {{"text", GateFormat::kText},
                                                           {"junit", GateFormat::kJunit},
                                                           {"markdown", GateFormat::kMarkdown},
                                                           {"json", GateFormat::kJson},
                                                           {"github", GateFormat::kGithub}};

// One of --format: how, and into which file (empty: standard output).
struct Output {
  GateFormat format = GateFormat::kText;
  std::string path;
};

absl::StatusOr<std::vector<Output>> ParseFormats(const std::vector<std::string>& formats) {
  std::vector<Output> outputs;
  for (const std::string& text : formats) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
    const auto* const found =
        std::find_if(std::begin(kFormats), std::end(kFormats),
                     [&](const auto& format) { return parts.first == format.first; });
    if (found == std::end(kFormats)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--format ", text, ": text, junit, markdown, json or github, or one of them =FILE"));
    }
    outputs.push_back({found->second, parts.second});
  }
  return outputs;
}

absl::Status Write(Context& context, const v1::GateReport& report,
                   const std::vector<Output>& outputs) {
  for (const Output& output : outputs) {
    if (output.path.empty()) {
      context.out << FormatGate(report, output.format, context.out_terminal);
    } else {
      const absl::Status written =
          WriteFileAtomically(output.path, FormatGate(report, output.format, Terminal()));
      if (!written.ok()) return absl::InvalidArgumentError(written.message());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Baseline> FindBaseline(Client& client, const std::string& name) {
  EB_ASSIGN_OR_RETURN(const v1::ListBaselinesReply reply, client.ListBaselines());
  std::vector<std::string> names;
  for (const v1::Baseline& baseline : reply.baselines()) {
    if (baseline.name() == name) return baseline;
    names.push_back(baseline.name());
  }
  return NoSuch("baseline", name, names);
}

// A sweep without --fresh copies what an unchanged version gave before: that passes whatever was
// changed since.
void WarnOfReuse(Context& context, const absl::StatusOr<v1::GetSweepReply>& candidate) {
  if (!candidate.ok() || candidate->status().samples_reused() == 0) return;
  const v1::SweepStatus& sweep = candidate->status();
  context.err
      << context.err_terminal.Paint(Style::kWarning, "warning:") << " "
      << FormatCount(sweep.samples_reused()) << " of the " << CountOf(sweep.samples(), "sample")
      << " of " << SweepName(sweep.id())
      << " were not run but reused from earlier sweeps; to judge this build, submit it with "
         "--fresh\n"
      << std::flush;
}

absl::StatusOr<int> RunGate(Context& context, Client& client, const GateOptions& options) {
  EB_ASSIGN_OR_RETURN(const std::vector<Output> outputs, ParseFormats(options.formats));
  v1::GateRequest request;
  request.set_baseline(options.baseline);
  EB_ASSIGN_OR_RETURN(const uint64_t candidate, ResolveSweep(client, options.candidate));
  request.set_candidate_sweep_id(candidate);
  request.set_metric(options.metric);
  request.set_margin(options.margin);
  request.set_alpha(options.alpha);
  request.set_record(true);
  WarnOfReuse(context, client.GetSweep(candidate));
  absl::StatusOr<v1::GateReport> report;
  if (options.until_decided) {
    if (options.max_samples == 0) {
      return absl::InvalidArgumentError(
          "--until-decided needs --max-samples N: at most so many samples of the candidate");
    }
    EB_ASSIGN_OR_RETURN(const v1::Baseline baseline, FindBaseline(client, options.baseline));
    if (baseline.sweep_id() == 0) {
      return absl::FailedPreconditionError(
          "--until-decided runs more seeds of the baseline too, so the baseline must be a sweep");
    }
    report = GateUntilDecided(context, client, request, options.max_samples, baseline.sweep_id());
  } else {
    report = client.RunGate(request);
  }
  EB_RETURN_IF_ERROR(report.status());
  EB_RETURN_IF_ERROR(Write(context, *report, outputs));
  return ExitCodeOf(report->verdict());
}

// A gate that could not run says 2, whatever kept it: scripts tell four cases apart, no more.
absl::StatusOr<int> RunGateOrRefuse(Context& context, Client& client, const GateOptions& options) {
  absl::StatusOr<int> code = RunGate(context, client, options);
  if (code.ok() || absl::IsCancelled(code.status())) return code;
  return absl::FailedPreconditionError(code.status().message());
}

}  // namespace

void AddGateCommand(CommandLine& line) {
  const auto options = std::make_shared<GateOptions>();
  CLI::App* gate = AddCommand(
      line.app, "gate", "Pass a candidate that is not worse than the baseline by a margin",
      {"gate --baseline main --candidate s15",
       "gate --baseline main --candidate s15 --margin 0.02 --until-decided --max-samples 20000",
       "gate --baseline main --candidate s15 --format github --format junit=gate.xml"});
  gate->group("Gate");
  gate->add_option("--baseline", options->baseline, "What it is held against: baseline list")
      ->required();
  gate->add_option("--candidate", options->candidate, "The sweep to judge: s15, 15 or its name")
      ->required();
  gate->add_option("--metric", options->metric,
                   "accuracy (the suite's own), or another metric of its samples in [0, 1]");
  gate->add_option("--margin", options->margin, "How much worse is no harm (0.05: 5 points)")
      ->check(CLI::Range(1e-6, 1.0));
  gate->add_option("--alpha", options->alpha, "The largest chance of each of the two errors (0.05)")
      ->check(CLI::Range(1e-9, 0.5));
  gate->add_flag("--until-decided", options->until_decided,
                 "Look after every job, and run more seeds of both until it is decided");
  gate->add_option("--max-samples", options->max_samples,
                   "With --until-decided: at most so many samples of the candidate");
  gate->add_option("--format", options->formats,
                   "How to print it, or FORMAT=FILE to write it; may be repeated")
      ->option_text("text|junit|markdown|json|github[=FILE]")
      ->take_all();
  WhenChosen(line, gate, [options](Context& context, Client& client) {
    return RunGateOrRefuse(context, client, *options);
  });
}

}  // namespace entrobench::cli
