// Whole trials through the family: real networks, real files.
#include "evaluators/adaptation/family.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>
#include <torch/csrc/jit/api/module.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "common/archive.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/series.h"
#include "evaluators/adaptation/method.h"
#include "evaluators/adaptation/streams/protocols.h"
#include "evaluators/adaptation/suites/trial_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/scratch_folder.h"
#include "tests/evaluators/adaptation/data/files.h"

namespace entrobench {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class RecordingSink : public ResultSink {
 public:
  void Sample(const v1::SampleResult& sample) override {
    EXPECT_EQ(sample.sample_id(), samples.size());  // in order, each once
    samples.push_back(sample);
  }
  void Point(const v1::Point& point) override {
    if (const auto name = SummaryName(point.series())) {
      summary[std::string(*name)] = point.value();
    } else {
      curves[point.series()].push_back(point.value());
    }
    if (cancel_at_point != nullptr) cancel_at_point->Cancel();
  }
  void ModelLoaded(absl::string_view, absl::Duration) override { ++loads; }

  double score() const {
    double sum = 0;
    for (const v1::SampleResult& sample : samples) sum += sample.score();
    return sum / static_cast<double>(samples.size());
  }

  std::vector<v1::SampleResult> samples;
  std::map<std::string, double> summary;
  std::map<std::string, std::vector<double>> curves;
  int loads = 0;
  CancelToken* cancel_at_point = nullptr;
};

class FamilyTest : public ::testing::Test {
 protected:
  FamilyTest() : family_(NewAdaptationFamily()) { family_->Describe(&catalog_); }

  // Of `method` with all parameters by default.
  v1::RunAttempt Attempt(const std::string& method, const std::string& model_path,
                         uint64_t samples) {
    v1::RunAttempt run;
    v1::Trial* trial = run.mutable_start()->mutable_trial();
    trial->mutable_method()->set_id(method);
    trial->mutable_method()->set_version("1");
    trial->mutable_model()->set_name("mine");
    trial->mutable_model()->set_digest(*Sha256File(model_path));
    for (const v1::SuiteInfo& suite : catalog_.suites()) {
      if (suite.id() != "fashion-mnist-c") continue;
      trial->mutable_suite()->set_id(suite.id());
      trial->mutable_suite()->set_digest(suite.digest());
    }
    trial->set_samples(samples);
    trial->set_seed(1);
    run.mutable_start()->set_end(samples);
    run.set_model_path(model_path);
    run.set_cache_dir(folder_.path());
    run.set_threads(1);
    return run;
  }
  static v1::Value& Option(const char* name, v1::RunAttempt* run) {
    return (*run->mutable_start()->mutable_trial()->mutable_suite()->mutable_options())[name];
  }
  absl::Status Run(const v1::RunAttempt& run) {
    sink_ = RecordingSink();
    return family_->Run(run, &sink_, cancel_);
  }

  const ScratchFolder folder_;
  const std::unique_ptr<Family> family_;
  v1::Catalog catalog_;
  CancelToken cancel_;
  RecordingSink sink_;
};

class FashionFamilyTest : public FamilyTest {
 protected:
  v1::RunAttempt Fashion(const std::string& method, uint64_t samples,
                         const std::string& corruptions, const char* network = "fashion-bn") {
    v1::RunAttempt run = Attempt(
        method, absl::StrCat(std::getenv("ENTROBENCH_SOURCE_DIR"), "/models/", network, ".pt"),
        samples);
    Option("corruptions", &run).set_text(corruptions);
    return run;
  }
};

TEST_F(FashionFamilyTest, JudgesTheSourceAgainstItself) {
  ASSERT_TRUE(Run(Fashion("source", 300, "gaussian_noise,contrast")).ok());
  ASSERT_EQ(sink_.samples.size(), 300U);
  EXPECT_NEAR(sink_.summary.at(kMeanCorruptionError), 1 - sink_.score(), 1e-12);
  EXPECT_NEAR(sink_.summary.at(kMeanCorruptionError),
              (sink_.summary.at("error/gaussian_noise") + sink_.summary.at("error/contrast")) / 2,
              1e-12);
  EXPECT_EQ(sink_.summary.at(kGainOverSource), 0);
  EXPECT_EQ(sink_.summary.at(kCost), 1);
  EXPECT_EQ(sink_.summary.at(kCalibrationError), sink_.summary.at(kSourceCalibrationError));
  EXPECT_EQ(sink_.curves.at("error").size(), 10U);  // 64 64 64 64 and 44, twice
  EXPECT_EQ(sink_.samples[0].payload().notes().size(), 2U);
}

TEST_F(FashionFamilyTest, AdaptingHelpsWhereThePapersSayItDoes) {
  ASSERT_TRUE(Run(Fashion("source", 500, "gaussian_noise")).ok());
  const double source = sink_.score();
  EXPECT_EQ(sink_.loads, 1);
  ASSERT_TRUE(Run(Fashion("bn-adapt", 500, "gaussian_noise")).ok());
  EXPECT_EQ(sink_.loads, 0);  // still warm
  EXPECT_GT(sink_.score(), source + 0.02);
  // The same seed shows the same stream: the gain is the difference of the two scores.
  EXPECT_NEAR(sink_.summary.at(kGainOverSource), sink_.score() - source, 1e-12);
}

TEST_F(FashionFamilyTest, SameSeedSameNumbersOtherSeedOtherOrder) {
  v1::RunAttempt run = Fashion("tent", 200, "fog");
  ASSERT_TRUE(Run(run).ok());
  const std::vector<double> first = sink_.curves.at("entropy");
  ASSERT_TRUE(Run(run).ok());
  EXPECT_EQ(sink_.curves.at("entropy"), first);
  run.mutable_start()->mutable_trial()->set_seed(2);
  ASSERT_TRUE(Run(run).ok());
  EXPECT_NE(sink_.curves.at("entropy"), first);
}

TEST_F(FashionFamilyTest, EveryStreamShowsEveryImage) {
  for (const Protocol& protocol : Protocols()) {
    SCOPED_TRACE(protocol.id);
    v1::RunAttempt run = Fashion("source", 60, "fog,snow");
    Option("stream", &run).set_text(std::string(protocol.id));
    if (protocol.id == "biased") {
      Option("severity", &run).set_integer(0);
      Option("corruptions", &run).set_text("");
    }
    ASSERT_TRUE(Run(run).ok());
    EXPECT_EQ(sink_.samples.size(), 60U);
    EXPECT_EQ(sink_.summary.contains(kUnknownAuroc), protocol.id == "open-set");
    EXPECT_EQ(sink_.summary.contains(kWorstGroup), protocol.id == "biased");
    EXPECT_EQ(sink_.summary.contains("error/clean"), protocol.id == "biased");
  }
}

TEST_F(FashionFamilyTest, RefusesAStreamThatLeavesImagesOut) {
  v1::RunAttempt run = Fashion("source", 60, "fog");
  Option("stream", &run).set_text("drift");
  Option("break_at", &run).set_real(1);
  const absl::Status status = Run(run);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(),
              AllOf(HasSubstr("of class Ankle boot, never comes"), HasSubstr("lower break_at")));
}

TEST_F(FashionFamilyTest, RefusesUnknownCorruptionsAndOptions) {
  EXPECT_THAT(Run(Fashion("source", 10, "rain")).message(),
              HasSubstr("there is no corruption 'rain'; expected gaussian_noise, "));
  v1::RunAttempt run = Fashion("source", 10, "fog");
  Option("batchsize", &run).set_integer(3);
  EXPECT_EQ(Run(run).message(),
            "fashion-mnist-c has no option 'batchsize'; did you mean 'batch_size'?");
}

TEST_F(FashionFamilyTest, StopsWhenCancelled) {
  v1::RunAttempt run = Fashion("tent", 2000, "");
  sink_ = RecordingSink();
  sink_.cancel_at_point = &cancel_;
  EXPECT_EQ(family_->Run(run, &sink_, cancel_).code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(sink_.samples.empty());
  EXPECT_LE(sink_.curves.at("error").size(), 1U);
}

TEST_F(FashionFamilyTest, NamesWhatANetworkLacks) {
  const absl::Status status = Run(Fashion("dynamic-scale", 10, "fog"));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("log_scale"));
}

// CIFAR-10-C's layout with 12 images of 2 x 2, and a network that tells red from green.
class CifarFamilyTest : public FamilyTest {
 protected:
  CifarFamilyTest() {
    std::string pixels, labels;
    for (int row = 0; row < 60; ++row) {
      const bool red = row % 12 % 2 == 0;
      for (int pixel = 0; pixel < 4; ++pixel) {
        pixels += red ? std::string("\xc8\x10\x10", 3) : std::string("\x10\xc8\x10", 3);
      }
      labels.push_back(red ? 0 : 1);
    }
    for (const char* name : {"fog", "snow"}) {
      WriteBytes(data() + "/CIFAR-10-C/" + name + ".npy", NpyBytes("|u1", {60, 2, 2, 3}, pixels));
    }
    WriteBytes(data() + "/CIFAR-10-C/labels.npy", NpyBytes("|u1", {60}, labels));
  }

  std::string data() const { return folder_ / "data"; }
  std::string archive() const { return folder_ / "data.tar"; }
  std::string model() const { return folder_ / "net.pt"; }

  // Logits: the mean of red, of green, and zeros for the other classes; with batch norm.
  void SaveNetwork(int classes) {
    auto units = std::make_shared<torch::jit::CompilationUnit>();
    const auto floats = at::TensorOptions().dtype(at::kFloat);
    torch::jit::Module norm("__torch__.BatchNorm2d", units);
    norm.register_parameter("weight", at::tensor({1.0, 1.0, 1.0}, floats), false);
    norm.register_parameter("bias", at::tensor({0.0, 0.0, 0.0}, floats), false);
    norm.register_buffer("running_mean", at::tensor({0.0, 0.0, 0.0}, floats));
    norm.register_buffer("running_var", at::tensor({1.0, 1.0, 1.0}, floats));
    norm.define(R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var, False, 0.1, 1e-5, True)
)");
    torch::jit::Module head("__torch__.Linear", units);
    std::vector<double> weights(static_cast<size_t>(classes) * 3);
    weights[0] = weights[4] = 1;
    head.register_parameter("weight", at::tensor(weights, floats).reshape({classes, 3}), false);
    head.define(
        "def forward(self, x: Tensor) -> Tensor:\n    return torch.linear(x, self.weight)\n");
    torch::jit::Module network("__torch__.Network", units);
    network.register_module("norm", norm);
    network.register_module("head", head);
    network.define(R"(
def forward(self, x: Tensor) -> Tensor:
    return self.head.forward(self.norm.forward(x).mean([2, 3]))
)");
    network.save(model());
  }

  v1::InspectReply Inspect(const char* suite = "cifar-10-c") {
    v1::InspectData inspect;
    inspect.mutable_request()->set_suite(suite);
    inspect.mutable_request()->set_digest(*Sha256File(archive()));
    inspect.mutable_request()->set_file_name("my-cifar.tar");
    inspect.set_data_path(archive());
    inspect.set_cache_dir(folder_.path());
    v1::InspectReply reply;
    family_->Inspect(inspect, &reply);
    return reply;
  }
  std::string InspectError() {
    std::filesystem::remove(archive());
    EXPECT_TRUE(PackFolder(data(), archive()).ok());
    const v1::InspectReply reply = Inspect();
    return reply.errors_size() == 1 ? reply.errors(0) : "";
  }

  v1::RunAttempt Cifar(const std::string& method) {
    EXPECT_TRUE(PackFolder(data(), archive()).ok());
    const v1::InspectReply reply = Inspect();
    EXPECT_TRUE(reply.errors().empty()) << reply.errors(0);
    v1::RunAttempt run = Attempt(method, model(), reply.suite().samples());
    v1::SuiteConfig* suite = run.mutable_start()->mutable_trial()->mutable_suite();
    suite->set_id("cifar-10-c");
    suite->set_digest(reply.suite().digest());
    suite->mutable_data()->set_digest(*Sha256File(archive()));
    suite->mutable_data()->set_file_name("my-cifar.tar");
    run.set_data_path(archive());
    return run;
  }
};

TEST_F(CifarFamilyTest, RunsAUsersFilesOnAUsersNetwork) {
  SaveNetwork(10);
  v1::RunAttempt run = Cifar("tent");
  EXPECT_EQ(run.start().end(), 12U);
  const absl::Status status = Run(run);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(sink_.score(), 1);
  EXPECT_EQ(sink_.samples[3].answer(), "1");
  EXPECT_TRUE(sink_.summary.contains("error/snow"));
}

TEST_F(CifarFamilyTest, RefusesANetworkOfOtherClasses) {
  SaveNetwork(7);
  const absl::Status status = Run(Cifar("source"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "model mine: the network has 7 outputs, the suite 10 classes");
}

TEST_F(CifarFamilyTest, RefusesAFileThatIsNoNetwork) {
  WriteBytes(model(), "PK\3\4 and then nothing of use");
  const absl::Status status = Run(Cifar("source"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("model mine is no TorchScript file"),
                                      Not(HasSubstr(folder_.path()))));
}

TEST_F(CifarFamilyTest, SaysInThePersonsWordsWhatIsWrongWithData) {
  WriteBytes(data() + "/CIFAR-10-C/snow.npy", "not an array");
  EXPECT_THAT(InspectError(), testing::StartsWith("my-cifar.tar/snow.npy"));
  WriteBytes(data() + "/CIFAR-10-C/snow.npy",
             NpyBytes("|u1", {60, 2, 2, 3}, std::string(600, 'x')));  // 720 are announced
  EXPECT_THAT(InspectError(), testing::StartsWith("my-cifar.tar/snow.npy"));
  WriteBytes(data() + "/CIFAR-10-C/snow.npy",
             NpyBytes("|u1", {60, 3, 2, 2}, std::string(720, 'x')));
  EXPECT_THAT(InspectError(), HasSubstr("expected bytes, images x height x width x 3"));
  std::filesystem::remove(data() + "/CIFAR-10-C/snow.npy");
  std::filesystem::remove(data() + "/CIFAR-10-C/labels.npy");
  EXPECT_THAT(InspectError(), HasSubstr("labels.npy"));
  WriteBytes(archive(), "no archive at all");
  ASSERT_EQ(Inspect().errors_size(), 1);
  EXPECT_THAT(Inspect().errors(0), testing::StartsWith("my-cifar.tar"));
  EXPECT_EQ(Inspect("fashion-mnist-c").errors_size(), 1);
}

}  // namespace
}  // namespace entrobench
