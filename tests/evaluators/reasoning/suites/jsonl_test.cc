#include "evaluators/reasoning/suites/jsonl.h"

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace entrobench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class JsonlTest : public ::testing::Test {
 protected:
  // Reads `contents` from a file of its own; keeps the objects' "n".
  void Read(const std::string& contents) {
    const std::string path =
        absl::StrCat(::testing::TempDir(), "/",
                     ::testing::UnitTest::GetInstance()->current_test_info()->name(), ".jsonl");
    std::ofstream(path, std::ios::binary) << contents;
    FileErrors errors("q.jsonl");
    ReadJsonl(
        path,
        [this](const nlohmann::json& object) {
          if (!object.contains("n")) return absl::InvalidArgumentError("no n");
          seen_.push_back(object["n"].get<int>());
          return absl::OkStatus();
        },
        &errors);
    errors_ = errors.messages();
  }

  std::vector<int> seen_;
  std::vector<std::string> errors_;
};

TEST_F(JsonlTest, ReadsObjectsInOrder) {
  Read("{\"n\": 1}\n{\"n\": 2}\r\n\n  {\"n\": 3}");
  EXPECT_THAT(seen_, ElementsAre(1, 2, 3));
  EXPECT_THAT(errors_, IsEmpty());
}

TEST_F(JsonlTest, SkipsAByteOrderMark) {
  Read("\xef\xbb\xbf{\"n\": 1}\n");
  EXPECT_THAT(seen_, ElementsAre(1));
  EXPECT_THAT(errors_, IsEmpty());
}

TEST_F(JsonlTest, NamesTheLineAndColumnOfBadJsonAndReadsOn) {
  Read("{\"n\": 1}\n\n{\"n\": 2,,}\n{\"n\": 3}\n{\"n\": \n");
  EXPECT_THAT(seen_, ElementsAre(1, 3));
  ASSERT_EQ(errors_.size(), 2u);
  EXPECT_THAT(errors_[0], StartsWith("q.jsonl:3: not JSON at column 9"));
  EXPECT_THAT(errors_[0], HasSubstr("expected one JSON object a line"));
  EXPECT_THAT(errors_[1], StartsWith("q.jsonl:5: "));
}

TEST_F(JsonlTest, PlacesWhatTheVisitorRefuses) {
  Read("{\"m\": 1}\n");
  EXPECT_THAT(errors_, ElementsAre("q.jsonl:1: no n"));
}

TEST_F(JsonlTest, SaysThatAFileIsEmpty) {
  Read("");
  EXPECT_THAT(errors_, ElementsAre("q.jsonl: empty; expected one JSON object a line"));
  Read("\n \n");
  EXPECT_THAT(errors_, ElementsAre("q.jsonl: empty; expected one JSON object a line"));
}

TEST_F(JsonlTest, SaysThatALineIsNotUtf8) {
  Read("{\"n\": 1, \"t\": \"caf\xe9\"}\n");
  EXPECT_THAT(errors_, ElementsAre("q.jsonl:1: not UTF-8; save the file as UTF-8"));
  Read(std::string("\xff\xfe{\0\"\0n\0", 8));
  EXPECT_THAT(errors_[0], StartsWith("q.jsonl:1: not UTF-8"));
}

TEST_F(JsonlTest, SaysThatTheFileIsAList) {
  Read("[\n{\"n\": 1},\n{\"n\": 2}\n]\n");
  EXPECT_THAT(errors_[0], StartsWith("q.jsonl:1: a JSON list that goes on"));
  Read("[{\"n\": 1}]\n");
  EXPECT_THAT(errors_, ElementsAre(HasSubstr("q.jsonl:1: a list instead of an object")));
  Read("3\n");
  EXPECT_THAT(errors_, ElementsAre(HasSubstr("q.jsonl:1: a number instead of an object")));
}

TEST_F(JsonlTest, RefusesALineOverOneMebibyteAndReadsOn) {
  const std::string longest =
      absl::StrCat("{\"n\": 1, \"t\": \"", std::string((1 << 20) - 18, 'x'), "\"}");
  ASSERT_LE(longest.size(), size_t{1} << 20);
  Read(absl::StrCat(longest, "\n{\"n\": 2, \"t\": \"", std::string(3 << 20, 'x'),
                    "\"}\n{\"n\": 3}\n"));
  EXPECT_THAT(seen_, ElementsAre(1, 3));
  EXPECT_THAT(errors_, ElementsAre(StartsWith("q.jsonl:2: longer than 1 MiB")));
}

TEST_F(JsonlTest, KeepsTwentyErrorsAndCountsTheRest) {
  std::string contents;
  for (int i = 0; i < 30; ++i) contents += "oops\n";
  Read(contents);
  ASSERT_EQ(errors_.size(), 21u);
  EXPECT_THAT(errors_[19], StartsWith("q.jsonl:20: "));
  EXPECT_EQ(errors_[20], "q.jsonl: 10 more errors; mend these first");
}

TEST_F(JsonlTest, NestingDoesNotExhaustTheStack) {
  Read(absl::StrCat("{\"n\": 1, \"t\": ", std::string(400'000, '['), std::string(400'000, ']'),
                    "}\n"));
  EXPECT_THAT(seen_, ElementsAre(1));
}

TEST(ReadJsonl, SaysThatAFileIsMissing) {
  FileErrors errors("q.jsonl");
  ReadJsonl(
      "/nonexistent/q", [](const nlohmann::json&) { return absl::OkStatus(); }, &errors);
  EXPECT_THAT(errors.messages(),
              ElementsAre("q.jsonl: cannot be opened: No such file or directory"));
  FileErrors folder("folder");
  ReadJsonl(
      ::testing::TempDir(), [](const nlohmann::json&) { return absl::OkStatus(); }, &folder);
  EXPECT_THAT(folder.messages(), ElementsAre("folder: cannot be read: Is a directory"));
}

}  // namespace
}  // namespace entrobench
