#include "cli/cli.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/command.h"
#include "cli/exit_codes.h"
#include "common/build_info.h"
#include "common/nearest.h"

namespace entrobench::cli {
namespace {

constexpr char kAbout[] =
    "Entrobench settles whether an entropy method helps: it runs sweeps of methods on benchmark "
    "suites and\n"
    "keeps every sample.";

constexpr char kExamples[] =
    "Examples:\n"
    "  entrobench up                                      # coordinator and worker on this "
    "machine\n"
    "  entrobench submit examples/demo.yaml --wait        # in another terminal\n"
    "  entrobench leaderboard --suite arith\n"
    "  entrobench COMMAND --help                          # examples of every command\n";

constexpr char kVariables[] =
    "Environment:\n"
    "  ENTROBENCH_ADDRESS     the coordinator's HOST:PORT, when --address is not given\n"
    "  ENTROBENCH_DATA_DIR    the data folder, when --data-dir is not given (else "
    "~/.local/share/entrobench)\n"
    "  ENTROBENCH_MODELS_DIR  the folder of the built-in models, when `up --models-dir` is not "
    "given\n"
    "  NO_COLOR               no colours\n";

void Declare(CommandLine& line) {
  CLI::App& app = *line.app;
  app.name("entrobench");
  app.get_formatter()->column_width(32);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", std::string("entrobench ") + kVersion, "Print the version");
  app.require_subcommand(1);
  app.footer(absl::StrCat(kExamples, "\n", kVariables, "\n", kExitCodesHelp));
  AddAddressOptions(line, &app);
  AddUpCommands(line);
  AddSubmitCommand(line);
  AddSweepCommands(line);
  AddLeaderboardCommand(line);
  AddCompareCommand(line);
  AddBaselineCommand(line);
  AddGateCommand(line);
  AddSamplesCommand(line);
  AddExportCommand(line);
  AddCatalogCommands(line);
  AddModelCommands(line);
  AddDataCommands(line);
  AddWorkerCommands(line);
}

// The command that was named last, and how to call it.
const CLI::App* Deepest(const CLI::App* app, std::string* path) {
  *path = app->get_name();
  for (auto chosen = app->get_subcommands(); !chosen.empty(); chosen = app->get_subcommands()) {
    app = chosen.back();
    absl::StrAppend(path, " ", app->get_name());
  }
  return app;
}

std::vector<std::string> SubcommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// What is wrong with the arguments, in a sentence, with the nearest right word where one is near.
std::string Complaint(const CLI::App& app, const CLI::ParseError& error) {
  std::string path;
  const CLI::App* command = Deepest(&app, &path);
  const std::vector<std::string> rest =
      command->remaining(false).empty() ? app.remaining(true) : command->remaining(false);
  for (const std::string& word : rest) {
    if (word.size() > 1 && word[0] == '-') {
      const std::string name = word.substr(0, word.find('='));
      const std::string nearest = NearestName(name, OptionNames(*command));
      return absl::StrCat("`", path, "` has no option ", name,
                          nearest.empty() ? "" : "; did you mean " + nearest + "?");
    }
    const std::vector<std::string> commands = SubcommandNames(*command);
    if (commands.empty()) return absl::StrCat("`", path, "` does not take '", word, "'");
    return absl::StrCat("there is no command '",
                        path.substr(std::min(path.size(), app.get_name().size() + 1)),
                        command == &app ? "" : " ", word, "'", Suggestion(word, commands));
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr &&
      !SubcommandNames(*command).empty()) {
    return absl::StrCat("`", path, "` needs a command", Suggestion("", SubcommandNames(*command)));
  }
  return error.what();
}

void CollectNames(const CLI::App& app, const std::string& prefix, std::vector<std::string>* names) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names->push_back(prefix + command->get_name());
    CollectNames(*command, prefix + command->get_name() + " ", names);
  }
}

// "entrobench: " and the message; further lines as they are, so that file:line:column stays
// clickable.
void PrintError(Context& context, absl::string_view message) {
  context.err << context.err_terminal.Paint(Style::kBad, "entrobench:") << ' ' << message << '\n'
              << std::flush;
}

}  // namespace

std::vector<std::string> CommandNames(Context& context) {
  CLI::App app(kAbout);
  CommandLine line{&app, &context, nullptr};
  Declare(line);
  std::vector<std::string> names;
  CollectNames(app, "", &names);
  return names;
}

int RunCli(const std::vector<std::string>& arguments, Context& context) {
  CLI::App app(kAbout);
  CommandLine line{&app, &context, nullptr};
  Declare(line);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(),
                                       arguments.rend()));  // CLI11 takes them last first
  } catch (const CLI::Success& help_or_version) {
    app.exit(help_or_version, context.out, context.err);
    return kOk;
  } catch (const CLI::ParseError& error) {
    std::string path;
    Deepest(&app, &path);
    PrintError(context, Complaint(app, error));
    context.err << "See: " << path << " --help\n";
    return kRefused;
  }
  const absl::StatusOr<int> code = line.chosen(context);
  context.out << std::flush;
  if (code.ok()) return *code;
  if (!absl::IsCancelled(code.status())) PrintError(context, code.status().message());
  return ExitCodeOf(code.status());
}

}  // namespace entrobench::cli
