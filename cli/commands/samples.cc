// entrobench samples: a trial's samples as a list, or one of them as a page.
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/reference.h"
#include "cli/sample_view.h"
#include "cli/table.h"
#include "common/status_macros.h"

namespace entrobench::cli {
namespace {

using Align = Column::Align;
constexpr uint32_t kPage = 500;

struct Options {
  std::string trial;
  bool wrong = false;
  std::optional<uint64_t> sample;
  std::optional<uint64_t> after;
  uint64_t limit = 100;
  bool json = false;
};

absl::StatusOr<int> ShowOne(Context& context, Client& client, uint64_t trial,
                            const Options& options) {
  EB_ASSIGN_OR_RETURN(const v1::GetSampleReply reply, client.GetSample(trial, *options.sample));
  context.out << (options.json ? PrettyJson(reply) : FormatSample(reply, context.out_terminal));
  return kOk;
}

// One more than asked for, if there is one, so that the caller knows whether the list goes on.
absl::StatusOr<v1::ListSamplesReply> Fetch(Client& client, uint64_t trial, const Options& options) {
  const uint64_t wanted = options.limit == 0 ? UINT64_MAX : options.limit + 1;
  v1::ListSamplesRequest request;
  request.set_trial_id(trial);
  request.set_wrong_only(options.wrong);
  if (options.after) {
    request.set_paged(true);
    request.set_after(*options.after);
  }
  v1::ListSamplesReply all;
  for (;;) {
    const uint64_t missing = wanted - static_cast<uint64_t>(all.samples_size());
    request.set_limit(static_cast<uint32_t>(std::min<uint64_t>(missing, kPage)));
    EB_ASSIGN_OR_RETURN(v1::ListSamplesReply page, client.ListSamples(request));
    const bool full = page.samples_size() == static_cast<int>(request.limit());
    *all.mutable_trial() = page.trial();
    for (v1::SampleResult& sample : *page.mutable_samples()) *all.add_samples() = std::move(sample);
    if (!full || static_cast<uint64_t>(all.samples_size()) >= wanted) return all;
    request.set_paged(true);
    request.set_after(all.samples(all.samples_size() - 1).sample_id());
  }
}

void PrintList(Context& context, const v1::ListSamplesReply& reply, const Options& options,
               bool more) {
  bool errors = false, confidence = false, groups = false, branches = false;
  for (const v1::SampleResult& sample : reply.samples()) {
    errors |= !sample.error().empty();
    confidence |= sample.has_confidence();
    groups |= !sample.group().empty();
    branches |= sample.branches() > 1;
  }
  std::vector<Column> columns = {{"sample", Align::kRight}, {""}, {"answer", Align::kLeft, true}};
  if (confidence) columns.emplace_back("confidence", Align::kRight);
  columns.emplace_back("nats", Align::kRight);
  columns.emplace_back("tokens", Align::kRight);
  if (branches) columns.emplace_back("branches", Align::kRight);
  columns.emplace_back("s", Align::kRight);
  if (groups) columns.emplace_back("group", Align::kLeft, true);
  if (errors) columns.emplace_back("error", Align::kLeft, true);
  Table table(std::move(columns));
  const Glyphs& glyphs = context.out_terminal.glyphs();
  for (const v1::SampleResult& sample : reply.samples()) {
    std::vector<Cell> cells;
    cells.emplace_back(absl::StrCat(sample.sample_id()));
    if (sample.score() >= 1) {
      cells.emplace_back(glyphs.right, Style::kGood);
    } else if (sample.score() <= 0) {
      cells.emplace_back(glyphs.wrong, Style::kBad);
    } else {
      cells.emplace_back(FormatFixed(sample.score(), 2), Style::kWarning);
    }
    cells.emplace_back(sample.answer());
    if (confidence)
      cells.emplace_back(sample.has_confidence() ? FormatFixed(sample.confidence(), 2) : "");
    cells.emplace_back(FormatFixed(sample.mean_entropy(), 3));
    cells.emplace_back(FormatCount(sample.generated_tokens()));
    if (branches) cells.emplace_back(FormatCount(sample.branches()));
    cells.emplace_back(FormatFixed(sample.seconds(), 3));
    if (groups) cells.emplace_back(sample.group());
    if (errors) cells.emplace_back(sample.error(), Style::kBad);
    table.AddRow(std::move(cells));
  }
  const v1::Trial& trial = reply.trial().trial();
  context.out << context.out_terminal.Paint(
                     Style::kBold,
                     absl::StrCat(TrialName(trial.id()), "  ", MethodText(trial.method()), "  on ",
                                  trial.suite().id(), ", seed ", trial.seed()))
              << '\n';
  if (table.empty()) {
    context.out << (options.wrong ? "No wrong samples.\n" : "No samples recorded yet.\n");
    return;
  }
  context.out << table.Text(context.out_terminal);
  const uint64_t last = reply.samples(reply.samples_size() - 1).sample_id();
  if (more) context.out << "More: --after " << last << ", or --limit 0 for all.\n";
  context.out << "  entrobench samples " << TrialName(trial.id()) << " --sample "
              << reply.samples(0).sample_id() << "   shows what the model said\n";
}

absl::StatusOr<int> ShowSamples(Context& context, Client& client, const Options& options) {
  if (options.wrong && options.sample) {
    return absl::InvalidArgumentError("either --wrong, which lists, or --sample, which shows one");
  }
  EB_ASSIGN_OR_RETURN(const uint64_t trial, ResolveTrial(options.trial));
  if (options.sample) return ShowOne(context, client, trial, options);
  EB_ASSIGN_OR_RETURN(v1::ListSamplesReply reply, Fetch(client, trial, options));
  const bool more =
      options.limit > 0 && static_cast<uint64_t>(reply.samples_size()) > options.limit;
  if (more) reply.mutable_samples()->RemoveLast();
  if (options.json) {
    context.out << PrettyJson(reply);
  } else {
    PrintList(context, reply, options, more);
  }
  return kOk;
}

}  // namespace

void AddSamplesCommand(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      AddCommand(line.app, "samples", "List a trial's samples, or show what the model said on one",
                 {"samples t345 --wrong",
                  "samples t345 --sample 17              # every token shaded by its entropy",
                  "samples t345 --limit 0 --json"});
  command->group("Read");
  command->add_option("TRIAL", options->trial, "The trial: t345 or 345 (see `entrobench trials`)")
      ->required();
  command->add_flag("--wrong", options->wrong, "Only samples with a score below 1");
  command->add_option("--sample", options->sample, "Show this sample, by its number");
  command->add_option("--limit", options->limit, "List at most so many; 0 for all")
      ->capture_default_str();
  command->add_option("--after", options->after, "List only samples with a higher number");
  AddJsonFlag(command, &options->json);
  WhenChosen(line, command, [options](Context& context, Client& client) {
    return ShowSamples(context, client, *options);
  });
}

}  // namespace entrobench::cli
