#include "coordinator/store/artifacts.h"

#include "common/file.h"
#include "gmock/gmock.h"
#include "tests/coordinator/store/store_fixture.h"

namespace entrobench {
namespace {

// SHA-256 of "abc", from FIPS 180-2, appendix B.1.
constexpr char kAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class ArtifactsTest : public testing::Test {
 protected:
  ArtifactsTest() { Reopen(); }
  void Reopen() {
    auto artifacts = Artifacts::Open(folder_.path());
    ASSERT_TRUE(artifacts.ok()) << artifacts.status();
    artifacts_ = *std::move(artifacts);
  }
  size_t FilesInFolder() {
    size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      files += entry.is_regular_file();
    }
    return files;
  }
  TemporaryFolder folder_;
  std::unique_ptr<Artifacts> artifacts_;
};

TEST_F(ArtifactsTest, NamesAFileByItsDigest) {
  auto writer = artifacts_->Create();
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Append("a").ok());
  ASSERT_TRUE((*writer)->Append("bc").ok());
  EXPECT_EQ((*writer)->size_bytes(), 3u);
  EXPECT_EQ(artifacts_->Path(kAbc).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ((*writer)->Finish().value(), kAbc);
  Reopen();
  EXPECT_EQ(artifacts_->Path(kAbc).value(), folder_.path() + "/artifacts/ba/" + kAbc);
  EXPECT_EQ(ReadFile(*artifacts_->Path(kAbc)).value(), "abc");
}

TEST_F(ArtifactsTest, KeepsTheSameBytesOnce) {
  ASSERT_TRUE(WriteFileAtomically(folder_.path() + "/source", "abc").ok());
  EXPECT_EQ(artifacts_->Import(folder_.path() + "/source").value(), kAbc);
  EXPECT_EQ(artifacts_->Import(folder_.path() + "/source").value(), kAbc);
  EXPECT_EQ(FilesInFolder(), 2u);
  EXPECT_EQ(artifacts_->Import(folder_.path() + "/none").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(ArtifactsTest, LeavesNothingOfWhatWasNotFinished) {
  {
    auto writer = artifacts_->Create();
    ASSERT_TRUE((*writer)->Append("abc").ok());
    EXPECT_EQ(FilesInFolder(), 1u);
  }
  EXPECT_EQ(FilesInFolder(), 0u);
  // Of a coordinator that was killed in an upload:
  ASSERT_TRUE(WriteFileAtomically(folder_.path() + "/artifacts/upload-dead", "ab").ok());
  Reopen();
  EXPECT_EQ(FilesInFolder(), 0u);
}

TEST_F(ArtifactsTest, NeverLeavesItsFolder) {
  EXPECT_EQ(artifacts_->Path("../../etc/passwd").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(artifacts_->Path("").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace entrobench
