// entrobench-coordinator: schedules sweeps, keeps results, answers questions.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <string>

#include "common/build_info.h"
#include "common/file.h"
#include "common/logging.h"
#include "common/shutdown.h"
#include "coordinator/server.h"

namespace entrobench {
namespace {

// Built-in models beside the executable's tree (build/bin -> models/), or installed.
std::string DefaultModelsDir() {
  const std::string bin = ExecutableDirectory();
  for (const char* candidate : {"/../../models", "/../share/entrobench/models"}) {
    if (access((bin + candidate + "/tiny-reasoner.gguf").c_str(), R_OK) == 0)
      return bin + candidate;
  }
  return "";
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Schedules sweeps, keeps their results, answers questions. Most people start it with "
      "`entrobench up`.",
      "entrobench-coordinator");
  app.footer(
      "Examples:\n"
      "  entrobench-coordinator --data-dir /srv/entrobench --listen 0.0.0.0:7741\n"
      "  entrobench-coordinator --data-dir /tmp/try --listen 127.0.0.1:0      # any free port; the "
      "first line says which\n"
      "\n"
      "Prints 'READY HOST:PORT' on standard output once it serves; log lines go to standard error. "
      "Everything is in\n"
      "the data folder: kill it at any time and start it again, and every sweep goes on.\n"
      "There is no authentication yet: listen on loopback or in a network you trust.\n"
      "Exit codes: 0 stopped by a signal, 1 could not start, 2 wrong usage.");
  ServerOptions options;
  options.models_dir = DefaultModelsDir();
  std::string level = "info";
  double lease_seconds = 30, heartbeat_seconds = 2;
  options.http = "127.0.0.1:7742";
  app.set_version_flag("--version", BuildId());
  app.add_option("--data-dir", options.data_dir,
                 "Folder for the database and files; made when it is not there")
      ->required();
  app.add_option("--listen", options.listen, "HOST:PORT to serve on")->capture_default_str();
  const CLI::Option* http =
      app.add_option(
             "--http", options.http,
             "HOST:PORT of the dashboard and its JSON API; '' for none. Unless it is given, "
             "another free port is taken when this one is not")
          ->capture_default_str();
  app.add_option("--http-name", options.http_names,
                 "A further host name by which browsers may reach the dashboard")
      ->option_text("NAME ...");
  app.add_option("--models-dir", options.models_dir, "Folder of built-in models, *.gguf and *.pt")
      ->capture_default_str();
  app.add_option("--lease-seconds", lease_seconds,
                 "Silence of a worker after which its jobs go to others")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 86400.0));
  app.add_option("--heartbeat-seconds", heartbeat_seconds, "How often workers report")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 3600.0));
  app.add_option("--log-level", level, "debug, info, warning or error")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.http_may_move = http->count() == 0;
  options.lease_term = absl::Seconds(lease_seconds);
  options.heartbeat = absl::Seconds(heartbeat_seconds);
  SetUpLogging("coordinator", *ParseLogLevel(level));
  BlockShutdownSignals();

  auto server = Server::Start(options);
  if (!server.ok()) {
    std::cerr << "entrobench-coordinator: " << server.status().message() << "\n";
    return 1;
  }
  std::printf("READY %s\n", (*server)->address().c_str());
  std::fflush(stdout);
  WaitForShutdownSignal();
  EB_LOG(INFO) << "stopping";
  return 0;
}

}  // namespace
}  // namespace entrobench

int main(int argc, char** argv) { return entrobench::Main(argc, argv); }
