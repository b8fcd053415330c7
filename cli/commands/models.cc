// entrobench models: the models that methods run on; adding a GGUF file.
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/facts.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/reference.h"
#include "cli/table.h"
#include "cli/upload.h"
#include "common/status_macros.h"

namespace entrobench::cli {
namespace {

using Align = Column::Align;

struct Options {
  std::string name;
  std::string path;
  bool json = false;
};

std::string Capabilities(const v1::ModelInfo& model) {
  std::vector<std::string> words;
  for (const int capability : model.capabilities()) {
    words.push_back(CapabilityWords(static_cast<v1::Capability>(capability)));
  }
  return absl::StrJoin(words, ", ");
}

absl::StatusOr<int> List(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const v1::ListModelsReply reply, client.ListModels());
  if (options.json) {
    context.out << PrettyJson(reply);
    return kOk;
  }
  if (reply.models().empty()) {
    context.out << "No models yet. Add one with: entrobench models add NAME PATH.gguf\n";
    return kOk;
  }
  Table table({{"model"},
               {"kind"},
               {"size", Align::kRight},
               {"digest"},
               {"what it is", Align::kLeft, true}});
  for (const v1::ModelInfo& model : reply.models()) {
    table.AddRow({model.name(), KindWord(model.kind()),
                  model.size_bytes() == 0 ? "" : FormatBytes(model.size_bytes()),
                  ShortDigest(model.digest()), model.description()});
  }
  context.out << table.Text(context.out_terminal);
  return kOk;
}

absl::StatusOr<int> Show(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const v1::ListModelsReply reply, client.ListModels());
  std::vector<std::string> names;
  for (const v1::ModelInfo& model : reply.models()) {
    names.push_back(model.name());
    if (model.name() != options.name) continue;
    if (options.json) {
      context.out << PrettyJson(model);
      return kOk;
    }
    const auto fact = [&](absl::string_view name, absl::string_view value) {
      PrintFact(context.out, context.out_terminal, name, value);
    };
    PrintTitle(context.out, context.out_terminal, model.name(),
               model.builtin() ? "comes with Entrobench" : "");
    fact("description", model.description());
    fact("kind", KindWord(model.kind()));
    fact("size", model.size_bytes() == 0 ? "" : FormatBytes(model.size_bytes()));
    fact("digest", model.digest());
    fact("gives", Capabilities(model));
    fact("endpoint", model.endpoint_url());
    fact("added", model.added_at().empty() ? "" : FormatAgo(model.added_at(), context.now()));
    return kOk;
  }
  return NoSuch("model", options.name, names);
}

absl::StatusOr<int> Add(Context& context, Client& client, const Options& options) {
  // Looked at before gigabytes are sent.
  char magic[4] = {};
  std::ifstream file(options.path, std::ios::binary);
  if (file && file.read(magic, sizeof magic) && absl::string_view(magic, sizeof magic) != "GGUF") {
    return absl::InvalidArgumentError(
        absl::StrCat(options.path, " is not a GGUF file: it does not begin with \"GGUF\""));
  }
  EB_ASSIGN_OR_RETURN(const v1::PutArtifactReply stored, Upload(context, client, options.path));
  v1::AddModelRequest request;
  request.mutable_model()->set_name(options.name);
  request.mutable_model()->set_kind(v1::ModelInfo::KIND_GGUF);
  request.mutable_model()->set_digest(stored.digest());
  request.mutable_model()->set_size_bytes(stored.size_bytes());
  EB_ASSIGN_OR_RETURN(const v1::AddModelReply reply, client.AddModel(request));
  if (options.json) {
    context.out << PrettyJson(reply.model());
  } else {
    context.out << "Added model " << reply.model().name() << ": "
                << FormatBytes(reply.model().size_bytes()) << ", "
                << ShortDigest(reply.model().digest()) << ".\n";
  }
  return kOk;
}

}  // namespace

void AddModelCommands(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = AddCommand(
      line.app, "models", "List the models, show or add one",
      {"models", "models show tiny-reasoner", "models add qwen3-0.6b Qwen3-0.6B-Q8_0.gguf"});
  command->group("Look up");
  AddJsonFlag(command, &options->json);
  WhenChosen(line, command, [options](Context& context, Client& client) {
    return List(context, client, *options);
  });
  CLI::App* show = AddCommand(command, "show", "Show one model",
                              {"models show tiny-reasoner", "models show tiny-reasoner --json"});
  show->add_option("NAME", options->name, "The model's name")->required();
  AddJsonFlag(show, &options->json);
  WhenChosen(line, show, [options](Context& context, Client& client) {
    return Show(context, client, *options);
  });
  CLI::App* add = AddCommand(
      command, "add", "Add a GGUF file as a model; workers fetch it by digest",
      {"models add qwen3-0.6b Qwen3-0.6B-Q8_0.gguf", "models add mine model.gguf --json"});
  add->add_option("NAME", options->name, "The name that sweeps call it by")->required();
  add->add_option("PATH.gguf", options->path, "The file")->required();
  AddJsonFlag(add, &options->json);
  WhenChosen(line, add, [options](Context& context, Client& client) {
    return Add(context, client, *options);
  });
}

}  // namespace entrobench::cli
