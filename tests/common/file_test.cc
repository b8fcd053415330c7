#include "common/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace entrobench {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/entrobench-file-XXXXXX";
    folder_ = mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(FileTest, WhatIsWrittenIsReadAndNothingIsLeftBeside) {
  const std::string path = folder_ + "/a";
  const std::string bytes("\0\xff text\n", 8);
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
  EXPECT_EQ(*ReadFile(path), bytes);
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_)) ++files;
  EXPECT_EQ(files, 1);
}

TEST_F(FileTest, AFailedWriteLeavesTheOldFile) {
  const std::string path = folder_ + "/a/b";  // no folder a
  const absl::Status status = WriteFileAtomically(path, "x");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(std::string(status.message()).find(path), std::string::npos);
}

TEST_F(FileTest, AMissingFileIsNotFoundByName) {
  const auto contents = ReadFile(folder_ + "/none");
  EXPECT_EQ(contents.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(std::string(contents.status().message()).find("none"), std::string::npos);
}

TEST_F(FileTest, MakesFoldersOnTheWay) {
  EXPECT_TRUE(MakeDirectories(folder_ + "/x/y/z").ok());
  EXPECT_TRUE(MakeDirectories(folder_ + "/x/y/z").ok());
  EXPECT_TRUE(std::filesystem::is_directory(folder_ + "/x/y/z"));
}

}  // namespace
}  // namespace entrobench
