// entrobench-evaluator: the child that a worker starts to run suites with methods. By hand it only
// describes itself.
#include <fcntl.h>
#include <signal.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "common/build_info.h"
#include "common/logging.h"
#include "evaluators/adaptation/family.h"
#include "evaluators/reasoning/family.h"
#include "evaluators/runtime/blas.h"
#include "evaluators/runtime/catalog_text.h"
#include "evaluators/runtime/family.h"
#include "evaluators/runtime/job_loop.h"

namespace entrobench {
namespace {

// Every family that this evaluator can run. A new family is one line here.
std::vector<std::unique_ptr<Family>> AllFamilies() {
  std::vector<std::unique_ptr<Family>> families;
  families.push_back(NewReasoningFamily());
  families.push_back(NewAdaptationFamily());
  return families;
}

int Describe(const std::vector<Family*>& families, const std::string& format) {
  const auto catalog = MakeCatalog(families);
  if (!catalog.ok()) {
    std::cerr << "entrobench-evaluator: " << catalog.status().message() << "\n";
    return 1;
  }
  std::cout << (format == "json"       ? CatalogAsJson(*catalog)
                : format == "markdown" ? CatalogAsMarkdown(*catalog)
                                       : CatalogAsText(*catalog));
  return 0;
}

int Serve(const std::vector<Family*>& families) {
  JobLoop::Options options;
  if (fcntl(options.from_worker, F_GETFD) < 0 || fcntl(options.to_worker, F_GETFD) < 0) {
    std::cerr << "entrobench-evaluator: descriptors 3 and 4 are not open: this program is started "
                 "by entrobench-worker.\nTo see what it can run: entrobench-evaluator describe\n";
    return 2;
  }
  // What libraries of ours start has no business with the worker's pipe.
  fcntl(options.from_worker, F_SETFD, FD_CLOEXEC);
  fcntl(options.to_worker, F_SETFD, FD_CLOEXEC);
  signal(SIGPIPE, SIG_IGN);
  SetUpLogging("evaluator", LogLevel::INFO);
  options.blas = DescribeBlas();
  EB_LOG(INFO) << BuildId() << "; BLAS: " << options.blas;
  JobLoop loop(families, std::move(options));
  const absl::Status status = loop.Run();
  if (!status.ok()) {
    EB_LOG(ERROR) << status.message();
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace entrobench

int main(int argc, char** argv) {
  CLI::App app("Runs benchmark suites for entrobench-worker, over descriptors 3 and 4.");
  app.set_version_flag("--version", entrobench::BuildId());
  CLI::App* describe = app.add_subcommand("describe", "Print the methods and suites it can run");
  std::string format = "text";
  describe->add_option("--format", format, "text, markdown (docs/methods.md) or json")
      ->check(CLI::IsMember({"text", "markdown", "json"}))
      ->capture_default_str();
  app.footer(
      "Examples:\n"
      "  entrobench-evaluator describe\n"
      "  entrobench-evaluator describe --format markdown > docs/methods.md");
  CLI11_PARSE(app, argc, argv);

  const auto owned = entrobench::AllFamilies();
  std::vector<entrobench::Family*> families;
  for (const auto& family : owned) families.push_back(family.get());
  return describe->parsed() ? entrobench::Describe(families, format) : entrobench::Serve(families);
}
