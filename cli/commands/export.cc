// entrobench export: every sample of a sweep, one a line, for other tools.
#include <cstdio>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/reference.h"
#include "cli/table.h"
#include "common/status_macros.h"
#include "common/value.h"

namespace entrobench::cli {
namespace {

struct Options {
  std::string sweep;
  std::string format = "jsonl";
  std::string output;
  bool payload = false;
};

std::vector<std::string> CsvHeader(bool payload) {
  std::vector<std::string> header = {"sweep",         "trial",
                                     "method",        "version",
                                     "params",        "model",
                                     "model_digest",  "suite",
                                     "suite_digest",  "options",
                                     "seed",          "deterministic",
                                     "sample",        "score",
                                     "answer",        "confidence",
                                     "group",         "error",
                                     "mean_entropy",  "mean_logprob",
                                     "prompt_tokens", "generated_tokens",
                                     "branches",      "seconds",
                                     "metrics",       "worker",
                                     "host",          "build",
                                     "recorded_at",   "job",
                                     "attempt",       "reused_from_trial"};
  if (payload) header.insert(header.end(), {"question", "gold", "prompt", "judgement", "outputs"});
  return header;
}

std::vector<std::string> CsvFields(const v1::ExportRow& row, bool payload) {
  const v1::Trial& trial = row.trial();
  const v1::SampleResult& sample = row.sample();
  const v1::Provenance& from = row.provenance();
  const auto number = [](double value) { return CanonicalValue(RealValue(value)); };
  const std::map<std::string, double> sorted(sample.metrics().begin(), sample.metrics().end());
  const std::string metrics = absl::StrJoin(sorted, " ", [&](std::string* out, const auto& metric) {
    absl::StrAppend(out, metric.first, "=", number(metric.second));
  });
  std::vector<std::string> fields = {
      absl::StrCat(trial.sweep_id()),
      absl::StrCat(trial.id()),
      trial.method().id(),
      trial.method().version(),
      CanonicalParams(trial.method().params()),
      trial.model().name(),
      trial.model().digest(),
      trial.suite().id(),
      trial.suite().digest(),
      CanonicalParams(trial.suite().options()),
      absl::StrCat(trial.seed()),
      trial.deterministic() ? "true" : "false",
      absl::StrCat(sample.sample_id()),
      number(sample.score()),
      sample.answer(),
      sample.has_confidence() ? number(sample.confidence()) : "",
      sample.group(),
      sample.error(),
      number(sample.mean_entropy()),
      number(sample.mean_logprob()),
      absl::StrCat(sample.prompt_tokens()),
      absl::StrCat(sample.generated_tokens()),
      absl::StrCat(sample.branches()),
      number(sample.seconds()),
      metrics,
      from.worker(),
      from.host(),
      from.build(),
      from.recorded_at(),
      absl::StrCat(from.job_id()),
      absl::StrCat(from.epoch()),
      from.reused_from_trial() == 0 ? "" : absl::StrCat(from.reused_from_trial())};
  if (payload) {
    const v1::SamplePayload& texts = sample.payload();
    // One JSON object a branch, because a cell can hold only one text.
    const std::string outputs = absl::StrJoin(
        texts.branches(), "\n",
        [](std::string* out, const v1::Branch& branch) { absl::StrAppend(out, JsonLine(branch)); });
    fields.insert(fields.end(),
                  {texts.question(), texts.gold(), texts.prompt(), texts.judgement(), outputs});
  }
  return fields;
}

// Writes every row to `out`; returns how many.
absl::StatusOr<uint64_t> WriteRows(Context& context, Client& client, uint64_t sweep,
                                   const Options& options, std::ostream& out, bool show_progress) {
  uint64_t total = 0;
  if (show_progress) {
    EB_ASSIGN_OR_RETURN(const v1::GetSweepReply reply, client.GetSweep(sweep));
    total = reply.status().samples_done();
  }
  ProgressBar bar(&context.err, &context.err_terminal, SweepName(sweep), ProgressView::Unit::kCount,
                  "samples", /*quiet_start=*/true);
  const bool csv = options.format == "csv";
  if (csv) out << CsvRecord(CsvHeader(options.payload));
  v1::ExportRequest request;
  request.set_sweep_id(sweep);
  request.set_with_payload(options.payload);
  uint64_t rows = 0;
  const absl::Status status = client.Export(request, [&](const v1::ExportRow& row) -> absl::Status {
    if (csv) {
      out << CsvRecord(CsvFields(row, options.payload));
    } else {
      out << JsonLine(row) << '\n';
    }
    if (!out.good())
      return absl::FailedPreconditionError("cannot write any further; is the disk full?");
    ++rows;
    if (show_progress) bar.Update(rows, std::max(rows, total), "", context.now());
    return absl::OkStatus();
  });
  bar.Clear();
  EB_RETURN_IF_ERROR(status);
  out.flush();
  if (!out.good())
    return absl::FailedPreconditionError("cannot write any further; is the disk full?");
  return rows;
}

absl::StatusOr<int> Export(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const uint64_t sweep, ResolveSweep(client, options.sweep));
  if (options.output.empty()) {
    EB_RETURN_IF_ERROR(
        WriteRows(context, client, sweep, options, context.out, /*show_progress=*/false).status());
    return kOk;
  }
  // Under another name until it is whole: nobody takes half an export for all of it.
  const std::string part = absl::StrCat(options.output, ".part");
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot write ", part));
  const absl::StatusOr<uint64_t> rows =
      WriteRows(context, client, sweep, options, file, /*show_progress=*/true);
  file.close();
  if (!rows.ok()) {
    std::remove(part.c_str());
    return rows.status();
  }
  if (std::rename(part.c_str(), options.output.c_str()) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot rename ", part, " to ", options.output));
  }
  context.err << "Wrote " << CountOf(*rows, "sample") << " to " << options.output << ".\n";
  return kOk;
}

}  // namespace

void AddExportCommand(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      AddCommand(line.app, "export", "Write every sample of a sweep, one a line",
                 {"export s12 --format csv --output samples.csv",
                  "export s12 --payload > samples.jsonl   # with texts and token entropies"});
  command->group("Read");
  command->add_option("SWEEP", options->sweep, "The sweep: s12, 12, or its name")->required();
  command->add_option("--format", options->format, "JSON lines, or CSV")
      ->check(CLI::IsMember({"jsonl", "csv"}))
      ->option_text("jsonl|csv");
  command->add_option("--output,-o", options->output, "Write to this file and show progress");
  command->add_flag("--payload", options->payload, "With prompts, texts and token traces");
  WhenChosen(line, command, [options](Context& context, Client& client) {
    return Export(context, client, *options);
  });
}

}  // namespace entrobench::cli
