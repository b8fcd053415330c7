// entrobench models: the models that methods run on; adding a file (GGUF, TorchScript) or an
// endpoint.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/add_model.h"
#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/facts.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/reference.h"
#include "cli/table.h"
#include "common/catalog_words.h"
#include "common/status_macros.h"

namespace entrobench::cli {
namespace {

using Align = Column::Align;

struct Options {
  std::string name;
  std::string path;
  std::string endpoint;  // or this
  std::string model;     // the endpoint's name for it
  std::string api_key_env;
  bool no_logprobs = false;
  bool json = false;
};

std::string Capabilities(const v1::ModelInfo& model) {
  std::vector<std::string> words;
  for (const int capability : model.capabilities()) {
    words.push_back(CapabilityWords(static_cast<v1::Capability>(capability)));
  }
  return absl::StrJoin(words, ", ");
}

std::string WhatItIs(const v1::ModelInfo& model) {
  if (!model.description().empty() || model.kind() != v1::ModelInfo::KIND_ENDPOINT)
    return model.description();
  return absl::StrCat(model.endpoint_model(), " at ", model.endpoint_url());
}

absl::StatusOr<int> List(Context& context, Client& client, const Options& options) {
  EB_ASSIGN_OR_RETURN(const v1::ListModelsReply reply, client.ListModels());
  if (options.json) {
    context.out << PrettyJson(reply);
    return kOk;
  }
  if (reply.models().empty()) {
    context.out << "No models yet. Add one with: entrobench models add NAME PATH\n";
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
                  ShortDigest(model.digest()), WhatItIs(model)});
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
    fact("there called", model.endpoint_model());
    fact("API key", model.api_key_env().empty()
                        ? ""
                        : absl::StrCat("from ", model.api_key_env(), " on the workers' hosts"));
    fact("added", model.added_at().empty() ? "" : FormatAgo(model.added_at(), context.now()));
    return kOk;
  }
  return NoSuch("model", options.name, names);
}

absl::StatusOr<int> Add(Context& context, Client& client, const Options& options) {
  if (options.path.empty() == options.endpoint.empty()) {
    return absl::InvalidArgumentError(
        "give either a GGUF or TorchScript file or --endpoint URL --model ID: entrobench models "
        "add NAME PATH");
  }
  if (options.endpoint.empty()) {
    EB_ASSIGN_OR_RETURN(const v1::ModelInfo model,
                        AddModelFile(context, client, options.name, options.path, ""));
    PrintAdded(context, model, options.json);
    return kOk;
  }
  v1::AddModelRequest request;
  v1::ModelInfo* wanted = request.mutable_model();
  wanted->set_name(options.name);
  wanted->set_kind(v1::ModelInfo::KIND_ENDPOINT);
  wanted->set_endpoint_url(options.endpoint);
  wanted->set_endpoint_model(options.model);
  wanted->set_api_key_env(options.api_key_env);
  wanted->add_capabilities(v1::CAPABILITY_GENERATE);
  if (!options.no_logprobs) wanted->add_capabilities(v1::CAPABILITY_TOP_LOGPROBS);
  EB_ASSIGN_OR_RETURN(const v1::AddModelReply reply, client.AddModel(request));
  PrintAdded(context, reply.model(), options.json);
  if (!options.api_key_env.empty()) {
    context.err << "Its key is read from " << options.api_key_env
                << " in the environment of each worker when it runs a job.\n";
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
  AddListing(line, command, &options->json, [options](Context& context, Client& client) {
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
      command, "add", "Add a GGUF or TorchScript file, or an OpenAI-compatible endpoint",
      {"models add qwen3-0.6b Qwen3-0.6B-Q8_0.gguf",
       "models add my-cifar-net resnet.pt     # torch.jit.script(model).save(\"resnet.pt\")",
       "models add qwen-7b --endpoint http://gpu7:8000/v1 --model Qwen/Qwen2.5-7B-Instruct",
       "models add gpt --endpoint https://api.openai.com/v1 --model gpt-4.1-mini --api-key-env "
       "OPENAI_API_KEY"});
  add->add_option("NAME", options->name, "The name that sweeps call it by")->required();
  add->add_option("PATH", options->path,
                  "A GGUF language model, or a TorchScript image classifier (.pt)");
  CLI::Option* endpoint =
      add->add_option("--endpoint", options->endpoint,
                      "Or a server's address; a base model's ends in /v1/completions (plain text)");
  add->add_option("--model", options->model, "What the server calls the model")->needs(endpoint);
  add->add_option("--api-key-env", options->api_key_env,
                  "The environment variable that holds the server's key, on the workers' hosts")
      ->needs(endpoint);
  add->add_flag("--no-logprobs", options->no_logprobs,
                "The server tells no log-probabilities: methods that need them are refused")
      ->needs(endpoint);
  AddJsonFlag(add, &options->json);
  WhenChosen(line, add, [options](Context& context, Client& client) {
    return Add(context, client, *options);
  });
  AddModelPullCommand(line, command);
}

}  // namespace entrobench::cli
