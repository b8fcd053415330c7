// The suites of the family: Fashion-MNIST corrupted at run time, and benchmarks whose files are
// corrupted already (suite.h).
#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/archive.h"
#include "common/digest.h"
#include "common/status_macros.h"
#include "evaluators/adaptation/corruptions/corrupted_set.h"
#include "evaluators/adaptation/data/cifar_c.h"
#include "evaluators/adaptation/data/fashion_mnist.h"
#include "evaluators/adaptation/data/image_folder.h"
#include "evaluators/adaptation/suites/suite.h"
#include "evaluators/adaptation/suites/trial_metrics.h"
#include "evaluators/runtime/parameters.h"

namespace entrobench {
namespace {

constexpr char kFashion[] = "fashion-mnist-c";
// Raise it whenever a corruption, a stream or a score could come out differently.
constexpr char kFashionVersion[] = "1";
constexpr int kFashionTestImages = 10'000;
// Of PictureDigest: the suite's digest names these pictures, so these and no others are read.
constexpr char kFashionTestDigest[] =
    "9f1ec356a747bfe4ebab3cfb722d3694c9ca737e2570f6f90cf31d7b6fd689d4";
constexpr char kFashionTrainDigest[] =
    "16d82e2b505296aa2b78bd5ea0992634f30419a4c97def7c907d154a35ac6157";
// The corrupted pictures are one benchmark: the same in every trial. Seeds vary the order.
constexpr uint64_t kCorruptionSeed = 0;

// A benchmark in files that the user registers.
struct FileSuite {
  const char* id;
  const char* version;
  const char* title;
  int classes;  // 0: as many as the files have
  const char* data_format;
};

constexpr char kNpyFormat[] =
    "a folder, .tar, .tar.gz or .zip of gaussian_noise.npy and so on (images x height x width x 3 "
    "bytes, the five severities stacked) and labels.npy, as Zenodo has it";
constexpr FileSuite kFileSuites[] = {
    {"cifar-10-c", "1", "CIFAR-10-C", 10, kNpyFormat},
    {"cifar-100-c", "1", "CIFAR-100-C", 100, kNpyFormat},
    {"imagenet-c", "1", "ImageNet-C", 0,
     "a folder, .tar, .tar.gz or .zip of CORRUPTION/SEVERITY/CLASS/IMAGE.jpeg, all images of one "
     "size; every class of the network must be there, in the order of its outputs"},
};

const FileSuite* FindFileSuite(const std::string& id) {
  for (const FileSuite& suite : kFileSuites) {
    if (id == suite.id) return &suite;
  }
  return nullptr;
}

// Options are declared like a method's parameters.
class SuiteDeclaration : public DeclaresParameters<SuiteDeclaration> {
 public:
  SuiteDeclaration(const char* id, const char* version, const char* title,
                   const std::string& summary) {
    info_.set_id(id);
    info_.set_version(version);
    info_.set_family("adaptation");
    info_.set_title(title);
    info_.set_summary(summary);
    info_.set_ordered(true);
    info_.set_needs_model(true);
    info_.set_primary_metric("accuracy");
    for (const v1::MetricInfo& metric : AdaptationMetrics()) *info_.add_metrics() = metric;
  }

  DeclaredParameters* mutable_parameters() { return info_.mutable_options(); }
  v1::SuiteInfo& info() { return info_; }

 private:
  v1::SuiteInfo info_;
};

// `clean`: the suite has clean pictures too, which can be painted and mixed with others.
void DeclareOptions(bool clean, SuiteDeclaration* suite) {
  std::vector<std::string> streams;
  std::string meaning = "the order in which images come";
  for (const Protocol& protocol : Protocols()) {
    if (!clean && (protocol.id == "biased" || protocol.id == "open-set")) continue;
    streams.emplace_back(protocol.id);
    absl::StrAppend(&meaning, "; ", protocol.id, ": ", protocol.summary);
  }
  const StreamOptions defaults;
  suite->Choice("stream", defaults.protocol.c_str(), streams, meaning.c_str())
      .Integer("severity", defaults.severity, clean ? 0 : 1, kSeverities,
               clean ? "of the corruptions; 0: the clean images" : "of the corruptions")
      .Text("corruptions", "", "these only, in this order, separated by commas; empty: all")
      .Integer("batch_size", defaults.batch_size, 1, 4096, "images a batch; batch1 has 1")
      .Real("concentration", defaults.concentration, 0.01, 1000,
            "imbalanced: of the Dirichlet distribution; small: one class after the other")
      .Real("break_at", defaults.break_at, 0, 1,
            "biased, drift: where the stream changes, as a share of it")
      .Integer("new_class", defaults.new_class, -1, 999,
               "drift: number of the class that appears; -1: the last");
  if (!clean) return;
  suite->Real("unknown_share", defaults.unknown_share, 0, 0.9, "open-set: share of unknown images")
      .Real("aligned_before", defaults.aligned_before, 0, 1,
            "biased: share of images on their class's background before the break")
      .Real("aligned_after", defaults.aligned_after, 0, 1, "biased: the same after it");
}

SuiteDeclaration DeclareFashion() {
  SuiteDeclaration suite(kFashion, kFashionVersion, "Fashion-MNIST-C",
                         "Fashion-MNIST's test images under the fifteen common corruptions, "
                         "as streams that a network adapts to");
  DeclareOptions(/*clean=*/true, &suite);
  suite.info().set_samples(kFashionTestImages);
  suite.info().set_digest(Sha256Hex(absl::StrCat("adaptation suite\n", kFashion, "\n",
                                                 kFashionVersion, "\n", kFashionTestDigest)));
  return suite;
}

SuiteDeclaration Declare(const FileSuite& file) {
  SuiteDeclaration suite(
      file.id, file.version, file.title,
      absl::StrCat(file.title, " from your own files, as streams that a network adapts to"));
  DeclareOptions(/*clean=*/false, &suite);
  suite.info().set_needs_data(true);
  suite.info().set_data_format(file.data_format);
  return suite;
}

std::string PictureDigest(const ImageSet& images) {
  Sha256 digest;
  digest.Update(
      absl::string_view(reinterpret_cast<const char*>(images.pixels.data()), images.pixels.size()));
  std::string labels;
  for (const int label : images.labels) labels.push_back(static_cast<char>(label));
  digest.Update(labels);
  return digest.Hex();
}

absl::StatusOr<std::shared_ptr<const ImageSet>> ReadFashion(FashionMnistSplit split,
                                                            absl::string_view digest) {
  const std::string folder = FashionMnistFolder();
  auto images = ReadFashionMnist(split, folder);
  if (absl::IsNotFound(images.status()))
    return absl::FailedPreconditionError(images.status().message());
  EB_RETURN_IF_ERROR(images.status());
  if (PictureDigest(*images) != digest) {
    return absl::FailedPreconditionError(
        absl::StrCat("the images in ", folder,
                     " are not Fashion-MNIST's, which suite fashion-mnist-c is about: install "
                     "Debian's package dataset-fashion-mnist anew"));
  }
  return std::make_shared<const ImageSet>(*std::move(images));
}

absl::StatusOr<SuiteImages> OpenFashion() {
  EB_ASSIGN_OR_RETURN(const auto test, ReadFashion(FashionMnistSplit::kTest, kFashionTestDigest));
  const auto read_train = [train = std::shared_ptr<const ImageSet>()]() mutable
      -> absl::StatusOr<std::shared_ptr<const ImageSet>> {
    if (train == nullptr) {
      EB_ASSIGN_OR_RETURN(train, ReadFashion(FashionMnistSplit::kTrain, kFashionTrainDigest));
    }
    return train;
  };
  return SuiteImages{std::make_shared<CorruptedSet>(test, kCorruptionSeed), read_train};
}

// Where the benchmark's own folders begin: archives often hold all in one folder.
std::string FindRoot(const std::string& folder) {
  std::filesystem::path root(folder);
  while (true) {
    std::vector<std::filesystem::path> entries;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(root, error))
      entries.push_back(entry.path());
    if (entries.size() != 1 || !std::filesystem::is_directory(entries[0], error)) break;
    // A single corruption: its folders are severities.
    if (std::filesystem::is_directory(entries[0] / "1", error) ||
        std::filesystem::is_directory(entries[0] / "5", error))
      break;
    root = entries[0];
  }
  return root.string();
}

absl::StatusOr<SuiteImages> OpenFiles(const FileSuite& suite, const std::string& archive,
                                      const std::string& digest, const std::string& name,
                                      const std::string& cache_dir) {
  const std::string unpacked = absl::StrCat(cache_dir, "/unpacked");
  const std::string folder = absl::StrCat(unpacked, "/", digest);
  const auto in_their_words = [&](const absl::Status& status) {  // nobody knows our folder's name
    return absl::Status(
        status.code() == absl::StatusCode::kNotFound ? absl::StatusCode::kInvalidArgument
                                                     : status.code(),
        absl::StrReplaceAll(status.message(), {{FindRoot(folder), name}, {archive, name}}));
  };
  std::error_code error;
  std::filesystem::create_directories(unpacked, error);
  if (error) return absl::UnavailableError(absl::StrCat(unpacked, ": ", error.message()));
  if (const absl::Status status = UnpackArchive(archive, folder); !status.ok())
    return in_their_words(status);
  const std::string root = FindRoot(folder);
  if (suite.classes == 0) {
    auto images = ImageFolder::Open(root);
    if (!images.ok()) return in_their_words(images.status());
    return SuiteImages{*std::move(images), nullptr};
  }
  auto images = CifarC::Open(root, suite.classes);
  if (!images.ok()) return in_their_words(images.status());
  return SuiteImages{*std::move(images), nullptr};
}

SuiteDeclaration DeclarationOf(const std::string& id) {
  const FileSuite* file = FindFileSuite(id);
  return file == nullptr ? DeclareFashion() : Declare(*file);
}

}  // namespace

std::vector<v1::SuiteInfo> AdaptationSuites() {
  std::vector<v1::SuiteInfo> suites = {DeclareFashion().info()};
  for (const FileSuite& suite : kFileSuites) suites.push_back(Declare(suite).info());
  return suites;
}

absl::StatusOr<SuiteImages> OpenAdaptationSuite(const v1::SuiteConfig& config,
                                                const std::string& data_path,
                                                const std::string& cache_dir) {
  if (config.id() == kFashion) return OpenFashion();
  const FileSuite* suite = FindFileSuite(config.id());
  if (suite == nullptr)
    return absl::NotFoundError(absl::StrCat("no adaptation suite '", config.id(), "'"));
  return OpenFiles(*suite, data_path, config.data().digest(), config.data().file_name(), cache_dir);
}

absl::StatusOr<StreamOptions> StreamOptionsOf(const v1::SuiteConfig& config, uint64_t seed) {
  SuiteDeclaration suite = DeclarationOf(config.id());
  EB_ASSIGN_OR_RETURN(
      const ParamMap values,
      CheckedParams(config.id(), "option", suite.info().options(), config.options()));
  const Params options(values);
  StreamOptions stream;
  stream.seed = seed;
  stream.protocol = options.text("stream");
  stream.severity = options.integer("severity");
  stream.batch_size = options.integer("batch_size");
  stream.concentration = options.real("concentration");
  stream.break_at = options.real("break_at");
  stream.new_class = options.integer("new_class");
  for (const absl::string_view name :
       absl::StrSplit(options.text("corruptions"), ',', absl::SkipWhitespace())) {
    stream.corruptions.emplace_back(absl::StripAsciiWhitespace(name));
  }
  if (config.id() == kFashion) {
    stream.unknown_share = options.real("unknown_share");
    stream.aligned_before = options.real("aligned_before");
    stream.aligned_after = options.real("aligned_after");
  }
  return stream;
}

absl::StatusOr<v1::SuiteInfo> InspectAdaptationData(const v1::InspectRequest& request,
                                                    const std::string& data_path,
                                                    const std::string& cache_dir) {
  const FileSuite* suite = FindFileSuite(request.suite());
  if (suite == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("suite ", request.suite(),
                                                   " takes no data: it reads Debian's package "
                                                   "dataset-fashion-mnist"));
  }
  EB_ASSIGN_OR_RETURN(const SuiteImages images, OpenFiles(*suite, data_path, request.digest(),
                                                          request.file_name(), cache_dir));
  v1::SuiteInfo info = Declare(*suite).info();
  info.set_samples(images.test->labels().size());
  info.set_digest(Sha256Hex(
      absl::StrCat("adaptation suite\n", suite->id, "\n", suite->version, "\n", request.digest())));
  return info;
}

}  // namespace entrobench
