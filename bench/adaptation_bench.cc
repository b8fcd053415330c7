// What test-time adaptation costs: `tent` beside a plain forward pass with batch statistics on the
// same batches; whether loading and corrupting keep the network waiting; and the memory of a whole
// continual run. Needs Debian's dataset-fashion-mnist. Exit status 1 when a goal is missed.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "evaluators/adaptation/adaptation_run.h"
#include "evaluators/adaptation/corruptions/corrupted_set.h"
#include "evaluators/adaptation/data/fashion_mnist.h"
#include "evaluators/adaptation/streams/batch_loader.h"
#include "evaluators/adaptation/streams/prefetcher.h"
#include "evaluators/adaptation/streams/protocols.h"
#include "evaluators/adaptation/torch_network.h"

namespace entrobench {
namespace {

constexpr double kMostTentCost = 3.2;     // times a forward pass
constexpr double kMostWaiting = 0.05;     // of the batches
constexpr double kMostGrowth = 16 << 20;  // bytes over a run, after its first tenth

struct Settings {
  std::string folder = "models";
  std::string network = "fashion-bn";
  int images = 1000;
  int batch_size = 64;
  int rounds = 100;
};

template <typename T>
T OrExit(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", std::string(value.status().message()).c_str());
    std::exit(2);
  }
  return *std::move(value);
}

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

// Of this process, in bytes.
double ResidentMemory() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0, resident = 0;
  statm >> pages >> resident;
  return resident * 4096;
}

std::unique_ptr<AdaptationMethod> Method(const char* id) {
  v1::MethodConfig config;
  config.set_id(id);
  config.set_version("1");
  return OrExit(MakeAdaptationMethod(config));
}

class Bench {
 public:
  explicit Bench(const Settings& settings)
      : settings_(settings),
        source_(std::make_shared<CorruptedSet>(
            std::make_shared<const ImageSet>(
                OrExit(ReadFashionMnist(FashionMnistSplit::kTest, FashionMnistFolder()))),
            /*seed=*/0)) {
    SetTorchThreads(1);
  }

  bool All() {
    bool good = true;
    for (const char* network : {"fashion-bn", "fashion-gn", "fashion-vit"}) {
      good = TentCost(network) && good;
    }
    good = Overlap() && good;
    return Memory() && good;
  }

 private:
  // Alternating, so that other work on the machine hits both alike.
  bool TentCost(const std::string& name) {
    const auto plain = Load(name);
    if (!plain->Use(BatchStatistics::Batch()).ok()) std::exit(2);
    StreamSetting setting;
    setting.batch_size = settings_.batch_size;
    const auto tent = OrExit(AdaptationRun::Start(Load(name), Method("tent"), setting, 0));
    const auto loader = Loader("iid");
    std::vector<double> forward, adapted;
    for (int round = -5; round < settings_.rounds; ++round) {
      const LoadedBatch batch =
          OrExit(loader->Load((round + 5) % (loader->stream().batches() / 2)));
      const ImageBatch view(batch.shape, batch.pixels);
      const double began = Seconds();
      OrExit(plain->Forward(view));
      const double between = Seconds();
      OrExit(tent->Next(view, false));
      if (round < 0) continue;
      forward.push_back(between - began);
      adapted.push_back(Seconds() - between);
    }
    const double ratio = Median(adapted) / Median(forward);
    std::printf("%-12s forward %6.2f ms, tent %6.2f ms a batch of %d: %.2f times (goal %.1f)\n",
                name.c_str(), 1e3 * Median(forward), 1e3 * Median(adapted), settings_.batch_size,
                ratio, kMostTentCost);
    return ratio <= kMostTentCost;
  }

  // The fastest method there is, over every corruption.
  bool Overlap() {
    const auto loader = Loader("iid");
    const int64_t batches = loader->stream().batches();
    const auto network = Load(settings_.network);
    double loading = 0, computing = 0;
    const double began = Seconds();
    for (int64_t index = 0; index < batches; ++index) {
      const double before = Seconds();
      const LoadedBatch batch = OrExit(loader->Load(index));
      loading += Seconds() - before;
      const double between = Seconds();
      OrExit(network->Forward(ImageBatch(batch.shape, batch.pixels)));
      computing += Seconds() - between;
    }
    const double in_turn = Seconds() - began;
    const double again = Seconds();
    Prefetcher prefetcher([&](int64_t index) { return loader->Load(index); }, 0, batches, 4);
    while (const auto batch = OrExit(prefetcher.Next())) {
      OrExit(network->Forward(ImageBatch(batch->shape, batch->pixels)));
    }
    const double overlapped = Seconds() - again;
    const double waited = static_cast<double>(prefetcher.waits()) / static_cast<double>(batches);
    std::printf(
        "%-12s in turn %.2f s (loading %.2f, network %.2f), overlapped %.2f s; the network "
        "waited for %.1f%% of %d batches (goal %.0f%%)\n",
        settings_.network.c_str(), in_turn, loading, computing, overlapped, 100 * waited,
        static_cast<int>(batches), 100 * kMostWaiting);
    return waited <= kMostWaiting;
  }

  bool Memory() {
    const auto loader = Loader("continual");
    const int64_t batches = loader->stream().batches();
    StreamSetting setting;
    setting.batch_size = settings_.batch_size;
    const auto tent =
        OrExit(AdaptationRun::Start(Load(settings_.network), Method("tent"), setting, 0));
    Prefetcher prefetcher([&](int64_t index) { return loader->Load(index); }, 0, batches, 4);
    double early = 0;
    while (const auto batch = OrExit(prefetcher.Next())) {
      OrExit(tent->Next(ImageBatch(batch->shape, batch->pixels), batch->domain_begins));
      if (batch->index == batches / 10) early = ResidentMemory();
    }
    const double growth = ResidentMemory() - early;
    std::printf(
        "%-12s continual run of %d batches: %.1f MB after a tenth, %+.1f MB by the end (goal "
        "%.0f)\n",
        settings_.network.c_str(), static_cast<int>(batches), early / (1 << 20), growth / (1 << 20),
        kMostGrowth / (1 << 20));
    return growth <= kMostGrowth;
  }

  std::unique_ptr<Network> Load(const std::string& name) const {
    return OrExit(
        LoadTorchNetwork(absl::StrCat(settings_.folder, "/", name, ".pt"), 10, source_->shape()));
  }

  std::unique_ptr<BatchLoader> Loader(const char* protocol) const {
    StreamOptions options;
    options.protocol = protocol;
    options.batch_size = settings_.batch_size;
    StreamInput input;
    input.labels =
        absl::MakeSpan(source_->labels()).subspan(0, static_cast<size_t>(settings_.images));
    input.class_names = source_->class_names();
    input.corruptions = source_->corruptions();
    auto stream = std::make_shared<const Stream>(OrExit(MakeStream(input, options)));
    return OrExit(BatchLoader::Make(std::move(stream), source_, /*unknown=*/nullptr));
  }

  const Settings settings_;
  const std::shared_ptr<const CorruptedSet> source_;
};

}  // namespace
}  // namespace entrobench

int main(int argc, char** argv) {
  entrobench::Settings settings;
  CLI::App app("What test-time adaptation costs, and whether loading keeps up.");
  app.add_option("--models", settings.folder, "folder of fashion-*.pt")->capture_default_str();
  app.add_option("--network", settings.network, "for overlap and memory")->capture_default_str();
  app.add_option("--images", settings.images, "of each corruption")->capture_default_str();
  app.add_option("--batch-size", settings.batch_size)->capture_default_str();
  app.add_option("--rounds", settings.rounds, "batches timed")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return entrobench::Bench(settings).All() ? 0 : 1;
}
