#include "evaluators/adaptation/family.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/series.h"
#include "common/shuffle.h"
#include "common/status_macros.h"
#include "evaluators/adaptation/adaptation_run.h"
#include "evaluators/adaptation/corruptions/corrupted_set.h"
#include "evaluators/adaptation/data/synthetic_images.h"
#include "evaluators/adaptation/method.h"
#include "evaluators/adaptation/source_guesses.h"
#include "evaluators/adaptation/stream_judge.h"
#include "evaluators/adaptation/streams/batch_loader.h"
#include "evaluators/adaptation/streams/prefetcher.h"
#include "evaluators/adaptation/suites/suite.h"
#include "evaluators/adaptation/suites/trial_metrics.h"
#include "evaluators/adaptation/torch_network.h"

namespace entrobench {
namespace {

// Enough that a slow batch of one side does not stop the other.
constexpr int kPrefetchedBatches = 4;

// The image that never came, if any: a stream must show each once at least.
std::optional<int> MissingImage(const Stream& stream, int images) {
  std::vector<bool> comes(static_cast<size_t>(images));
  for (int64_t k = 0; k < stream.batches(); ++k) {
    for (const StreamItem& item : stream.batch(k).items) {
      if (!item.unknown_pool) comes[static_cast<size_t>(item.request.image)] = true;
    }
  }
  for (int image = 0; image < images; ++image) {
    if (!comes[static_cast<size_t>(image)]) return image;
  }
  return std::nullopt;
}

// Pictures of no class, corrupted like the suite's; null when the stream asks for none.
std::shared_ptr<const ImageSource> UnknownImages(const ImageSource& known,
                                                 const StreamOptions& options, int images) {
  if (options.protocol != "open-set") return nullptr;
  const int count = UnknownImagesOf(images, options.unknown_share);
  return std::make_shared<CorruptedSet>(
      std::make_shared<const ImageSet>(MakeSyntheticImages(count, known.shape(), options.seed)),
      options.seed);
}

// Source images for a method that wants `count`: which ones, the trial's seed decides.
class SourceBatches {
 public:
  SourceBatches(const ImageSet& images, int count, int batch_size, uint64_t seed)
      : shape_(images.shape), batch_size_(batch_size) {
    Random random(seed, HashBytes("source images"));
    std::vector<int> order = ShuffledRange(images.size(), random);
    order.resize(std::min(order.size(), static_cast<size_t>(count)));
    for (const int index : order) {
      const Image image = images.At(index);
      pixels_.insert(pixels_.end(), image.values.begin(), image.values.end());
    }
  }

  std::vector<ImageBatch> batches() const {
    const size_t step = shape_.values() * static_cast<size_t>(batch_size_);
    std::vector<ImageBatch> batches;
    for (size_t begin = 0; begin < pixels_.size(); begin += step) {
      batches.emplace_back(shape_, absl::MakeSpan(pixels_).subspan(begin, step));
    }
    return batches;
  }

 private:
  const ImageShape shape_;
  const int batch_size_;
  std::vector<float> pixels_;
};

class AdaptationFamily final : public Family {
 public:
  std::string name() const override { return "adaptation"; }

  void Describe(v1::Catalog* catalog) const override {
    for (const AdaptationEntry& entry : AdaptationMethods()) *catalog->add_methods() = entry.info;
    for (const v1::SuiteInfo& suite : AdaptationSuites()) *catalog->add_suites() = suite;
  }

  absl::Status Run(const v1::RunAttempt& run, ResultSink* sink,
                   const CancelToken& cancel) override {
    const v1::Trial& trial = run.start().trial();
    EB_RETURN_IF_ERROR(OpenSuite(run));
    const ImageSource& test = *images_.test;
    const auto images = static_cast<int>(trial.samples());
    if (trial.samples() > test.labels().size()) {
      return absl::FailedPreconditionError(
          absl::StrCat("suite ", trial.suite().id(), " has ", test.labels().size(),
                       " images here, but the trial asks for ", trial.samples(),
                       ": the worker runs another version of it; update the worker"));
    }
    EB_ASSIGN_OR_RETURN(const StreamOptions options, StreamOptionsOf(trial.suite(), trial.seed()));
    EB_ASSIGN_OR_RETURN(std::unique_ptr<AdaptationMethod> method,
                        MakeAdaptationMethod(trial.method()));
    const auto unknown = UnknownImages(test, options, images);
    EB_ASSIGN_OR_RETURN(const auto stream, PlanStream(test, unknown.get(), options, images));
    EB_ASSIGN_OR_RETURN(const auto loader, BatchLoader::Make(stream, images_.test, unknown));
    SetTorchThreads(trial.deterministic() ? 1 : static_cast<int>(run.threads()));
    EB_RETURN_IF_ERROR(LoadNetwork(run, sink));
    EB_ASSIGN_OR_RETURN(const auto adaptation, Start(trial, std::move(method), options));

    StreamJudge judge(&test, stream.get(), images);
    SourceGuesses* const unadapted = unadapted_.For(trial, stream->batches());
    const auto network = network_->Clone();
    Prefetcher batches([&](int64_t index) { return loader->Load(index); }, 0, stream->batches(),
                       kPrefetchedBatches);
    while (!cancel.cancelled()) {
      EB_ASSIGN_OR_RETURN(const std::optional<LoadedBatch> batch, batches.Next());
      if (!batch.has_value()) {
        HandOver(&judge, batches.waits(), run.start(), sink);
        return absl::OkStatus();
      }
      const ImageBatch view(batch->shape, batch->pixels);
      const absl::Time began = absl::Now();
      EB_ASSIGN_OR_RETURN(const BatchOutcome outcome, adaptation->Next(view, batch->domain_begins));
      const absl::Duration took = absl::Now() - began;
      EB_ASSIGN_OR_RETURN(const std::vector<Guess> before,
                          unadapted->Of(batch->index, view, network.get()));
      judge.Observe(*batch, outcome, took, before);
      for (const v1::Point& point : judge.TakePoints()) sink->Point(point);
    }
    return absl::CancelledError("the attempt was cancelled");
  }

  void Inspect(const v1::InspectData& inspect, v1::InspectReply* reply) override {
    auto suite = InspectAdaptationData(inspect.request(), inspect.data_path(), inspect.cache_dir());
    if (suite.ok()) {
      *reply->mutable_suite() = *std::move(suite);
    } else {
      reply->add_errors(std::string(suite.status().message()));
    }
  }

 private:
  // Keeps the suite's images from one trial to the next.
  absl::Status OpenSuite(const v1::RunAttempt& run) {
    const v1::SuiteConfig& suite = run.start().trial().suite();
    if (images_.test != nullptr && suite_digest_ == suite.digest()) return absl::OkStatus();
    suite_digest_.clear();
    EB_ASSIGN_OR_RETURN(images_, OpenAdaptationSuite(suite, run.data_path(), run.cache_dir()));
    suite_digest_ = suite.digest();
    return absl::OkStatus();
  }

  // The same of the network.
  absl::Status LoadNetwork(const v1::RunAttempt& run, ResultSink* sink) {
    const v1::ModelConfig& model = run.start().trial().model();
    const int classes = static_cast<int>(images_.test->class_names().size());
    const ImageShape& shape = images_.test->shape();
    if (network_ != nullptr && network_digest_ == model.digest() &&
        network_->classes() == classes && network_shape_ == shape) {
      return absl::OkStatus();
    }
    network_.reset();
    const absl::Time began = absl::Now();
    auto network = LoadTorchNetwork(run.model_path(), classes, shape);
    if (!network.ok()) {
      // The file's name here is a digest: people know the model's.
      return absl::Status(network.status().code(),
                          absl::StrReplaceAll(network.status().message(),
                                              {{run.model_path(), "model " + model.name()}}));
    }
    network_ = *std::move(network);
    network_digest_ = model.digest();
    network_shape_ = shape;
    sink->ModelLoaded(model.digest(), absl::Now() - began);
    return absl::OkStatus();
  }

  static absl::StatusOr<std::shared_ptr<const Stream>> PlanStream(const ImageSource& test,
                                                                  const ImageSource* unknown,
                                                                  const StreamOptions& options,
                                                                  int images) {
    StreamInput input;
    input.labels = absl::MakeSpan(test.labels()).subspan(0, static_cast<size_t>(images));
    input.class_names = test.class_names();
    input.corruptions = test.corruptions();
    input.unknown_images = unknown == nullptr ? 0 : static_cast<int>(unknown->labels().size());
    EB_ASSIGN_OR_RETURN(Stream stream, MakeStream(input, options));
    if (const auto missing = MissingImage(stream, images)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "image ", *missing, ", of class ",
          test.class_names()[static_cast<size_t>(test.labels()[static_cast<size_t>(*missing)])],
          ", never comes in this stream: lower break_at"));
    }
    return std::make_shared<const Stream>(std::move(stream));
  }

  absl::StatusOr<std::unique_ptr<AdaptationRun>> Start(const v1::Trial& trial,
                                                       std::unique_ptr<AdaptationMethod> method,
                                                       const StreamOptions& options) const {
    StreamSetting setting;
    setting.batch_size = BatchSizeOf(options);
    std::optional<SourceBatches> source;
    if (images_.read_source != nullptr && method->source_images() > 0) {
      EB_ASSIGN_OR_RETURN(const auto images, images_.read_source());
      // Their batches need not be the stream's: statistics over single images mean little.
      source.emplace(*images, method->source_images(), std::max(setting.batch_size, 64),
                     trial.seed());
      setting.source = source->batches();
    }
    return AdaptationRun::Start(network_->Clone(), std::move(method), setting, trial.seed());
  }

  static void HandOver(StreamJudge* judge, int64_t waits, const v1::StartAttempt& start,
                       ResultSink* sink) {
    for (const v1::Point& point : judge->Summary()) sink->Point(point);
    v1::Point waited;
    waited.set_series(SummarySeries(kLoadingWaits));
    waited.set_value(static_cast<double>(waits));
    sink->Point(waited);
    const auto& skip = start.skip();
    for (const v1::SampleResult& sample : judge->Samples()) {
      if (!std::binary_search(skip.begin(), skip.end(), sample.sample_id())) sink->Sample(sample);
    }
  }

  SuiteImages images_;
  std::string suite_digest_;
  std::unique_ptr<Network> network_;  // as loaded; trials adapt copies
  std::string network_digest_;
  ImageShape network_shape_;
  SourceGuessesCache unadapted_;
};

}  // namespace

std::unique_ptr<Family> NewAdaptationFamily() { return std::make_unique<AdaptationFamily>(); }

}  // namespace entrobench
