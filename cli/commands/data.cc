// entrobench data add: gives a suite its data (a file, an archive or a folder), or makes a new
// suite out of a user's own questions.
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/packed_folder.h"
#include "cli/reference.h"
#include "cli/upload.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace entrobench::cli {
namespace {

struct Options {
  std::string name;
  std::string path;
  std::string definition;
  bool json = false;
};

absl::StatusOr<v1::PutArtifactReply> Send(Context& context, Client& client,
                                          const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return Upload(context, client, path);
  EB_ASSIGN_OR_RETURN(const std::unique_ptr<PackedFolder> packed,
                      PackedFolder::Pack(context, path));
  return Upload(context, client, packed->path());
}

// Before gigabytes are sent: NotFound when suites are known and this is none of them.
absl::Status CheckSuite(Client& client, const std::string& name) {
  EB_ASSIGN_OR_RETURN(const v1::ListSuitesReply reply, client.ListSuites());
  std::vector<std::string> known;
  for (const v1::SuiteInfo& suite : reply.suites()) {
    if (suite.id() == name) return absl::OkStatus();
    known.push_back(suite.id());
  }
  if (known.empty()) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat(NoSuch("suite", name, known).message(),
                   " (your own questions need --definition SUITE.yaml too)"));
}

absl::StatusOr<int> Add(Context& context, Client& client, const Options& options) {
  v1::AddDataRequest request;
  request.set_suite(options.name);
  request.set_file_name(options.path);
  if (!options.definition.empty()) {
    absl::StatusOr<std::string> definition = ReadFile(options.definition);
    if (!definition.ok()) return absl::InvalidArgumentError(definition.status().message());
    request.set_definition(*std::move(definition));
  } else {
    EB_RETURN_IF_ERROR(CheckSuite(client, options.name));
  }
  EB_ASSIGN_OR_RETURN(const v1::PutArtifactReply stored, Send(context, client, options.path));
  request.set_digest(stored.digest());
  if (context.err_terminal.interactive) context.err << "A worker looks into it...\r" << std::flush;
  const absl::StatusOr<v1::AddDataReply> reply = client.AddData(request);
  if (context.err_terminal.interactive) context.err << "\x1b[K" << std::flush;
  if (absl::IsInvalidArgument(reply.status())) {
    return absl::InvalidArgumentError(
        absl::StrCat("the data was not added:\n", reply.status().message()));
  }
  EB_RETURN_IF_ERROR(reply.status());
  if (options.json) {
    context.out << PrettyJson(reply->suite());
  } else {
    context.out << "Suite " << reply->suite().id()
                << " has its data: " << CountOf(reply->suite().samples(), "sample") << ", "
                << FormatBytes(stored.size_bytes()) << ", " << ShortDigest(stored.digest())
                << ".\n";
  }
  return kOk;
}

}  // namespace

void AddDataCommands(CommandLine& line) {
  CLI::App* data = AddCommand(line.app, "data", "Give suites their data",
                              {"data add gsm8k gsm8k_test.jsonl",
                               "data add my-questions questions.jsonl --definition suite.yaml"});
  data->group("Look up");
  data->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  CLI::App* add =
      AddCommand(data, "add", "Register a suite's data; a worker checks it first",
                 {"data add gsm8k gsm8k_test.jsonl",
                  "data add cifar-10-c CIFAR-10-C.tar   # or the folder: it is packed and sent",
                  "data add my-questions examples/my-questions.jsonl --definition "
                  "examples/my-questions-suite.yaml"});
  add->add_option("NAME", options->name, "The suite; a new name with --definition")->required();
  add->add_option("PATH", options->path,
                  "The data: a file, an archive (.tar, .tar.gz, .zip) or a folder")
      ->required();
  add->add_option("--definition", options->definition,
                  "YAML that makes the file a suite of your own")
      ->option_text("SUITE.yaml");
  AddJsonFlag(add, &options->json);
  WhenChosen(line, add, [options](Context& context, Client& client) {
    return Add(context, client, *options);
  });
}

}  // namespace entrobench::cli
