#include "worker/artifact_cache.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "common/digest.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/scratch_folder.h"

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Serves files from memory, a few bytes at a time; may break off.
class FakeSource : public ArtifactSource {
 public:
  absl::Status Read(const std::string& digest, uint64_t offset, const Take& take) override {
    offsets.push_back(offset);
    const auto found = files.find(digest);
    if (found == files.end()) return absl::NotFoundError("no such digest: " + digest);
    const std::string& bytes = found->second;
    size_t left = break_after;
    for (size_t at = offset; at < bytes.size(); at += 10) {
      if (left < 10) return absl::UnavailableError("connection reset");
      left -= 10;
      const absl::Status taken = take(absl::string_view(bytes).substr(at, 10), bytes.size());
      if (!taken.ok()) return taken;
    }
    return absl::OkStatus();
  }

  std::map<std::string, std::string> files;
  std::vector<uint64_t> offsets;  // of each call
  size_t break_after = SIZE_MAX;  // bytes
};

class ArtifactCacheTest : public testing::Test {
 protected:
  std::string Put(const std::string& bytes) {
    const std::string digest = Sha256Hex(bytes);
    source_.files[digest] = bytes;
    return digest;
  }
  static void Store(const std::string& directory, const std::string& digest,
                    const std::string& bytes) {
    std::filesystem::create_directories(directory + "/" + digest.substr(0, 2));
    std::ofstream(directory + "/" + digest.substr(0, 2) + "/" + digest) << bytes;
  }

  ScratchFolder scratch_;
  FakeSource source_;
  ArtifactCache cache_{{scratch_ / "cache", {scratch_ / "store"}}, &source_};
};

TEST_F(ArtifactCacheTest, FetchesAFileOnce) {
  const std::string digest = Put("a model of few bytes");
  for (int i = 0; i < 3; ++i) {
    const auto path = cache_.Get(digest);
    ASSERT_TRUE(path.ok()) << path.status().message();
    EXPECT_EQ(*path, scratch_ / ("cache/" + digest.substr(0, 2) + "/" + digest));
    EXPECT_EQ(*ReadFile(*path), "a model of few bytes");
  }
  EXPECT_THAT(source_.offsets, ElementsAre(0u));
}

TEST_F(ArtifactCacheTest, GoesOnWhereAnInterruptedFetchStopped) {
  const std::string digest = Put(std::string(95, 'm') + "model");
  source_.break_after = 40;
  EXPECT_TRUE(absl::IsUnavailable(cache_.Get(digest).status()));
  EXPECT_TRUE(absl::IsUnavailable(cache_.Get(digest).status()));
  source_.break_after = SIZE_MAX;
  ASSERT_TRUE(cache_.Get(digest).ok());
  EXPECT_THAT(source_.offsets, ElementsAre(0u, 40u, 80u));
}

TEST_F(ArtifactCacheTest, RefusesAnotherFileAndStartsOver) {
  const std::string digest = Put("the right bytes");
  source_.files[digest] = "the wrong bytes";
  EXPECT_EQ(cache_.Get(digest).status().code(), absl::StatusCode::kDataLoss);
  source_.files[digest] = "the right bytes";
  EXPECT_TRUE(cache_.Get(digest).ok());
  EXPECT_THAT(source_.offsets, ElementsAre(0u, 0u));
}

TEST_F(ArtifactCacheTest, AnEmptyFileIsAFile) {
  const auto path = cache_.Get(Put(""));
  ASSERT_TRUE(path.ok()) << path.status().message();
  EXPECT_EQ(*ReadFile(*path), "");
}

TEST_F(ArtifactCacheTest, TriesLocalStoresFirstButTrustsNoName) {
  const std::string right = Put("right");
  const std::string wrong = Put("wrong");
  Store(scratch_ / "store", right, "right");
  Store(scratch_ / "store", wrong, "rotten");
  EXPECT_THAT(*cache_.Get(right), HasSubstr("/store/"));
  EXPECT_THAT(source_.offsets, ElementsAre());
  EXPECT_THAT(*cache_.Get(wrong), HasSubstr("/cache/"));
  EXPECT_EQ(*ReadFile(*cache_.Get(wrong)), "wrong");
}

TEST_F(ArtifactCacheTest, SaysWhatIsMissingAndLooksAtNoPathThatIsNoDigest) {
  const std::string digest = Sha256Hex("unknown");
  EXPECT_TRUE(absl::IsNotFound(cache_.Get(digest).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(cache_.Get("../../etc/passwd").status()));
}

TEST_F(ArtifactCacheTest, ManyWhoAskAtOnceCostOneFetch) {
  const std::string digest = Put(std::string(1000, 'x'));
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { good += cache_.Get(digest).ok() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
  EXPECT_THAT(source_.offsets, ElementsAre(0u));
}

}  // namespace
}  // namespace entrobench
