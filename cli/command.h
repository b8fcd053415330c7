// How a command is declared: its words, help, examples and what runs when it is chosen.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "cli/client.h"
#include "cli/context.h"

namespace entrobench::cli {

// The exit code, or why the command could not do its work (then exit_codes.h says the code).
using Action = std::function<absl::StatusOr<int>(Context&)>;

// The command line as it is being declared and parsed.
struct CommandLine {
  CLI::App* app;
  Context* context;  // receives --address and --data-dir
  Action chosen;     // set by parsing
};

// Adds a command below `parent`. `examples`: lines without "entrobench ", each "ARGUMENTS" or
// "ARGUMENTS  # remark".
CLI::App* AddCommand(CLI::App* parent, const std::string& name, const std::string& summary,
                     const std::vector<std::string>& examples);

// Runs `action` when `command` is chosen (not when one of its own subcommands is).
void WhenChosen(CommandLine& line, CLI::App* command, Action action);

// As WhenChosen, for a command that talks to the coordinator: adds --address and --data-dir and
// connects.
void WhenChosen(CommandLine& line, CLI::App* command,
                std::function<absl::StatusOr<int>(Context&, Client&)> action);

// Runs `action` for `parent` and for `parent list`, which people try first. Both take --json.
void AddListing(CommandLine& line, CLI::App* parent, bool* json,
                const std::function<absl::StatusOr<int>(Context&, Client&)>& action);

void AddAddressOptions(CommandLine& line, CLI::App* command);
void AddJsonFlag(CLI::App* command, bool* json);

// One for each file of commands/.
void AddUpCommands(CommandLine& line);          // up, down
void AddSubmitCommand(CommandLine& line);       // submit
void AddSweepCommands(CommandLine& line);       // status, watch, cancel, retry, trials
void AddLeaderboardCommand(CommandLine& line);  // leaderboard
void AddCompareCommand(CommandLine& line);      // compare
void AddBaselineCommand(CommandLine& line);     // baseline set, list, delete
void AddGateCommand(CommandLine& line);         // gate
void AddSamplesCommand(CommandLine& line);      // samples
void AddExportCommand(CommandLine& line);       // export
void AddCatalogCommands(CommandLine& line);     // methods, suites
void AddModelCommands(CommandLine& line);       // models
void AddDataCommands(CommandLine& line);        // data
void AddWorkerCommands(CommandLine& line);      // workers

// The one of a file that adds to another's command: models pull.
void AddModelPullCommand(CommandLine& line, CLI::App* models);

}  // namespace entrobench::cli
