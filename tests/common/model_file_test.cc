#include "common/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/file.h"
#include "tests/common/zip_file.h"

namespace entrobench {
namespace {

using testing::HasSubstr;

std::string Written(const std::string& contents) {
  std::string path = testing::TempDir() + "/model";
  EXPECT_TRUE(WriteFileAtomically(path, contents).ok());
  return path;
}

std::string Refusal(const std::string& path) {
  const auto kind = ModelKindOf(path);
  EXPECT_TRUE(absl::IsInvalidArgument(kind.status())) << kind.status();
  return std::string(kind.status().message());
}

TEST(ModelKindOf, TellsGgufAndTorchScriptByTheirContent) {
  const std::string path = testing::TempDir() + "/model.bin";
  EXPECT_EQ(*ModelKindOf(Written("GGUF and more")), v1::ModelInfo::KIND_GGUF);
  WriteTorchScript(path);
  EXPECT_EQ(*ModelKindOf(path), v1::ModelInfo::KIND_TORCH);
}

TEST(ModelKindOf, SaysWhatACheckpointLacks) {
  const std::string path = testing::TempDir() + "/model.pt";
  WriteTorchCheckpoint(path);
  EXPECT_THAT(Refusal(path), HasSubstr("torch.jit.script(model).save("));
  EXPECT_THAT(Refusal(Written("\x80\x02\x8a\x0al\xfc\x9c")),  // of torch before 1.6
              HasSubstr("torch.jit.script(model).save("));
}

TEST(ModelKindOf, NamesBothKindsForAnythingElse) {
  const std::string zip = testing::TempDir() + "/model.docx";
  WriteZip(zip, {"word/document.xml", "constants.pkl"});
  EXPECT_THAT(Refusal(zip), AllOf(HasSubstr("GGUF"), HasSubstr("TorchScript")));
  for (const char* contents : {"", "GG", "%PDF-1.7"}) {
    EXPECT_THAT(Refusal(Written(contents)), AllOf(HasSubstr("GGUF"), HasSubstr("TorchScript")));
  }
  EXPECT_THAT(Refusal(Written("PK\3\4 and no archive")), HasSubstr("no whole"));
  EXPECT_TRUE(absl::IsNotFound(ModelKindOf(testing::TempDir() + "/nothing").status()));
}

}  // namespace
}  // namespace entrobench
