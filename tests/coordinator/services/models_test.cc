#include "coordinator/services/models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "common/digest.h"
#include "common/file.h"
#include "tests/common/zip_file.h"
#include "tests/coordinator/store/store_fixture.h"

namespace entrobench {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

v1::ModelInfo Wanted() {
  v1::ModelInfo wanted;
  wanted.set_name("qwen");
  wanted.set_kind(v1::ModelInfo::KIND_ENDPOINT);
  wanted.set_endpoint_url("https://api.example.com/v1");
  wanted.set_endpoint_model("qwen-7b");
  wanted.set_api_key_env("EXAMPLE_API_KEY");
  return wanted;
}

TEST(DescribeEndpoint, GivesTextAndTopLogProbabilitiesUnlessToldOtherwise) {
  const auto model = DescribeEndpoint(Wanted());
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->kind(), v1::ModelInfo::KIND_ENDPOINT);
  EXPECT_EQ(model->digest(), "");
  EXPECT_EQ(model->endpoint_url(), "https://api.example.com/v1");
  EXPECT_EQ(model->endpoint_model(), "qwen-7b");
  EXPECT_EQ(model->api_key_env(), "EXAMPLE_API_KEY");
  EXPECT_THAT(model->capabilities(),
              ElementsAre(v1::CAPABILITY_GENERATE, v1::CAPABILITY_TOP_LOGPROBS));
  v1::ModelInfo less = Wanted();
  less.add_capabilities(v1::CAPABILITY_GENERATE);
  EXPECT_THAT(DescribeEndpoint(less)->capabilities(), ElementsAre(v1::CAPABILITY_GENERATE));
}

TEST(DescribeEndpoint, RefusesWhatCannotBeRight) {
  const auto refusal = [](const std::function<void(v1::ModelInfo*)>& spoil) {
    v1::ModelInfo wanted = Wanted();
    spoil(&wanted);
    const auto model = DescribeEndpoint(wanted);
    EXPECT_TRUE(absl::IsInvalidArgument(model.status())) << wanted.ShortDebugString();
    return std::string(model.status().message());
  };
  EXPECT_THAT(refusal([](auto* m) { m->set_name("a b"); }), HasSubstr("cannot name a model"));
  EXPECT_THAT(refusal([](auto* m) { m->set_endpoint_url("localhost"); }), HasSubstr("http://"));
  EXPECT_THAT(refusal([](auto* m) { m->set_endpoint_model(" "); }), HasSubstr("--model"));
  EXPECT_THAT(refusal([](auto* m) { m->set_digest(std::string(64, 'a')); }), HasSubstr("digest"));
  EXPECT_THAT(refusal([](auto* m) { m->add_capabilities(v1::CAPABILITY_STEP); }),
              HasSubstr("CAPABILITY_STEP"));
  // Who gives the key in place of its variable's name does not see it in a log.
  EXPECT_THAT(refusal([](auto* m) { m->set_api_key_env("sk-abc"); }), Not(HasSubstr("sk-abc")));
}

// The files of a folder become models.
class BuiltinModelsTest : public StoreTest {
 protected:
  BuiltinModelsTest() {
    std::filesystem::create_directory(models_);
    artifacts_ = *Artifacts::Open(folder_.path());
  }
  std::map<std::string, v1::ModelInfo> Register() {
    EXPECT_TRUE(RegisterBuiltinModels(models_, artifacts_.get(), store_.get()).ok());
    std::map<std::string, v1::ModelInfo> models;
    for (const v1::ModelInfo& model :
         Ask([](Reader& reader) { return reader.LoadCatalogue(); }).models) {
      models[model.name()] = model;
    }
    return models;
  }
  void Write(const std::string& name, const std::string& contents) {
    ASSERT_TRUE(WriteFileAtomically(models_ + "/" + name, contents).ok());
  }

  const std::string models_ = folder_.path() + "/models";
  std::unique_ptr<Artifacts> artifacts_;
};

TEST_F(BuiltinModelsTest, AreLanguageModelsAndNetworks) {
  Write("tiny.gguf", "GGUF...");
  WriteTorchScript(models_ + "/fashion-cnn.pt");
  Write("README.md", "no model");
  const auto models = Register();
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models.at("tiny").kind(), v1::ModelInfo::KIND_GGUF);
  EXPECT_THAT(models.at("tiny").capabilities(), Contains(v1::CAPABILITY_STEP));
  const v1::ModelInfo& network = models.at("fashion-cnn");
  EXPECT_EQ(network.kind(), v1::ModelInfo::KIND_TORCH);
  EXPECT_THAT(network.capabilities(), ElementsAre(v1::CAPABILITY_CLASSIFY));
  EXPECT_TRUE(network.builtin());
  EXPECT_EQ(network.digest(), *Sha256File(models_ + "/fashion-cnn.pt"));
  EXPECT_EQ(network.size_bytes(), std::filesystem::file_size(models_ + "/fashion-cnn.pt"));
  EXPECT_TRUE(artifacts_->Path(network.digest()).ok());
  EXPECT_EQ(Register().at("fashion-cnn").added_at(), network.added_at());
}

TEST_F(BuiltinModelsTest, AndUsersModelsLeaveEachOtherTheirNames) {
  v1::ModelInfo mine = Wanted();
  mine.set_name("tiny");
  WaitFor<absl::Status>([&](auto done) { store_->PutModel(mine, done); }).IgnoreError();
  Write("tiny.gguf", "GGUF...");
  Write("other.gguf", "GGUF, another");
  const auto models = Register();
  EXPECT_EQ(models.at("tiny").kind(), v1::ModelInfo::KIND_ENDPOINT);
  const std::vector<v1::ModelInfo> all = {models.at("tiny"), models.at("other")};
  EXPECT_TRUE(CheckNotBuiltin("tiny", all).ok());
  EXPECT_EQ(CheckNotBuiltin("other", all).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(BuiltinModelsTest, AFileMustBeOfTheKindThatWasSaid) {
  const std::string path = models_ + "/x";
  WriteTorchScript(path);
  EXPECT_TRUE(DescribeModelFile("x", path, "d", v1::ModelInfo::KIND_TORCH).ok());
  const auto wrong = DescribeModelFile("x", path, "d", v1::ModelInfo::KIND_GGUF);
  EXPECT_TRUE(absl::IsInvalidArgument(wrong.status()));
  EXPECT_THAT(std::string(wrong.status().message()), HasSubstr("its file is KIND_TORCH"));
  Write("x", "text");
  EXPECT_THAT(std::string(DescribeModelFile("x", path, "d").status().message()),
              HasSubstr("model x: this file is neither"));
}

}  // namespace
}  // namespace entrobench
