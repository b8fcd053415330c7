#include "common/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"

namespace entrobench {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ArchiveTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/entrobench-archive-XXXXXX";
    root_ = mkdtemp(name);
  }
  void TearDown() override { fs::remove_all(root_); }

  void Put(const std::string& path, const std::string& contents) {
    fs::create_directories(fs::path(root_ + path).parent_path());
    ASSERT_TRUE(WriteFileAtomically(root_ + path, contents).ok());
  }

  // The files under a folder, by their paths in it.
  std::map<std::string, std::string> Files(const std::string& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(root_ + folder)) {
      if (entry.is_regular_file()) {
        files[entry.path().lexically_relative(root_ + folder).string()] =
            *ReadFile(entry.path().string());
      }
    }
    return files;
  }

  struct Entry {
    std::string name;
    std::string contents;
    unsigned type = AE_IFREG;
    std::string link;
  };

  // An archive of any entries, however unwise.
  std::string Made(const std::string& name, const std::vector<Entry>& entries, bool zip = false,
                   bool gzip = false) {
    const std::string path = root_ + "/" + name;
    archive* out = archive_write_new();
    if (zip) {
      archive_write_set_format_zip(out);
    } else {
      archive_write_set_format_pax_restricted(out);
    }
    if (gzip) archive_write_add_filter_gzip(out);
    EXPECT_EQ(archive_write_open_filename(out, path.c_str()), ARCHIVE_OK);
    for (const Entry& entry : entries) {
      archive_entry* made = archive_entry_new();
      archive_entry_set_pathname(made, entry.name.c_str());
      archive_entry_set_filetype(made, entry.type);
      archive_entry_set_perm(made, 0644);
      archive_entry_set_size(made, static_cast<la_int64_t>(entry.contents.size()));
      if (!entry.link.empty() && entry.type == AE_IFLNK)
        archive_entry_set_symlink(made, entry.link.c_str());
      if (!entry.link.empty() && entry.type == AE_IFREG)
        archive_entry_set_hardlink(made, entry.link.c_str());
      EXPECT_EQ(archive_write_header(out, made), ARCHIVE_OK) << entry.name;
      archive_write_data(out, entry.contents.data(), entry.contents.size());
      archive_entry_free(made);
    }
    archive_write_free(out);
    return path;
  }

  // Refused with `words`, and nothing is left.
  void ExpectRefused(const std::string& archive, const std::string& words,
                     const ArchiveLimits& limits = {}) {
    const absl::Status status = UnpackArchive(archive, root_ + "/out", limits);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(words));
    EXPECT_FALSE(fs::exists(root_ + "/out"));
    EXPECT_FALSE(fs::exists(root_ + "/out.unpacking"));
  }

  std::string root_;
};

TEST_F(ArchiveTest, WhatIsPackedIsUnpacked) {
  const std::string long_name = absl::StrCat(std::string(120, 'd'), "/", std::string(180, 'f'));
  const std::map<std::string, std::string> files = {{"labels.npy", std::string("\0\1\2\xff", 4)},
                                                    {"noise/5/class a/1.png", "png"},
                                                    {"empty", ""},
                                                    {"größe.txt", "utf-8"},
                                                    {"not-utf-8-\xff", "bytes"},
                                                    {long_name, std::string(3'000'000, 'x')}};
  for (const auto& [name, contents] : files) Put("/in/" + name, contents);
  ASSERT_TRUE(PackFolder(root_ + "/in", root_ + "/a.tar").ok());
  const absl::Status status = UnpackArchive(root_ + "/a.tar", root_ + "/out");
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Files("/out"), files);
  EXPECT_FALSE(fs::exists(root_ + "/out.unpacking"));
}

TEST_F(ArchiveTest, TheDigestIsThatOfNamesAndContents) {
  Put("/a/x/1", "one");
  Put("/a/2", "two");
  Put("/b/2",
      "two");  // made in another order, at another time, with other rights and an empty folder
  Put("/elsewhere", "one");
  fs::create_directories(root_ + "/b/x/nothing here");
  fs::create_symlink(root_ + "/elsewhere", root_ + "/b/x/1");
  fs::permissions(root_ + "/b/2", fs::perms::owner_all);
  fs::last_write_time(root_ + "/b/2", fs::file_time_type::clock::now() - std::chrono::hours(99));
  ASSERT_TRUE(PackFolder(root_ + "/a", root_ + "/a.tar").ok());
  ASSERT_TRUE(PackFolder(root_ + "/b/", root_ + "/b.tar").ok());
  EXPECT_EQ(*Sha256File(root_ + "/a.tar"), *Sha256File(root_ + "/b.tar"));
  Put("/b/2", "too");
  ASSERT_TRUE(PackFolder(root_ + "/b", root_ + "/b.tar").ok());
  EXPECT_NE(*Sha256File(root_ + "/a.tar"), *Sha256File(root_ + "/b.tar"));
}

TEST_F(ArchiveTest, ProgressReachesTheTotalAndMayEndTheWork) {
  Put("/in/a", std::string(2'500'000, 'a'));
  Put("/in/b", "b");
  std::vector<uint64_t> seen;
  ASSERT_TRUE(PackFolder(root_ + "/in", root_ + "/a.tar", [&](uint64_t done, uint64_t total) {
                EXPECT_EQ(total, 2'500'001u);
                seen.push_back(done);
                return absl::OkStatus();
              }).ok());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 2'500'001u);
  const absl::Status ended = PackFolder(root_ + "/in", root_ + "/a.tar", [](uint64_t, uint64_t) {
    return absl::CancelledError("interrupted");
  });
  EXPECT_TRUE(absl::IsCancelled(ended)) << ended;
  EXPECT_FALSE(fs::exists(root_ + "/a.tar"));
}

TEST_F(ArchiveTest, ATooSmallDiskIsSeenBeforeAnythingIsWritten) {
  Put("/in/large", "");
  // A hole of more bytes than the disk has; where files cannot be so large, there is nothing to
  // see.
  std::error_code error;
  fs::resize_file(root_ + "/in/large", fs::space(root_).available + (uint64_t{1} << 30), error);
  if (error) GTEST_SKIP() << error.message();
  const absl::Status status = PackFolder(root_ + "/in", root_ + "/a.tar");
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("are free"));
  EXPECT_FALSE(fs::exists(root_ + "/a.tar"));
}

TEST_F(ArchiveTest, WhatCannotBePackedIsNamed) {
  const auto refusal = [&] {
    const absl::Status status = PackFolder(root_ + "/in", root_ + "/a.tar");
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_FALSE(fs::exists(root_ + "/a.tar"));
    return std::string(status.message());
  };
  EXPECT_THAT(refusal(), HasSubstr("there is no folder"));
  fs::create_directory(root_ + "/in");
  EXPECT_THAT(refusal(), HasSubstr("there is no file in"));
  fs::create_directory(root_ + "/other");
  fs::create_symlink(root_ + "/other", root_ + "/in/link");
  EXPECT_THAT(refusal(), HasSubstr("/in/link is a link to a folder"));
  fs::remove(root_ + "/in/link");
  fs::create_symlink(root_ + "/nowhere", root_ + "/in/lost");
  EXPECT_THAT(refusal(), HasSubstr("/in/lost is a link to nothing"));
  fs::remove(root_ + "/in/lost");
  ASSERT_EQ(mkfifo((root_ + "/in/pipe").c_str(), 0600), 0);
  EXPECT_THAT(refusal(), HasSubstr("/in/pipe is not a file"));
}

TEST_F(ArchiveTest, TarGzipAndZipAreRead) {
  const std::vector<Entry> entries = {
      {"./", "", AE_IFDIR, ""}, {"./top/a", "1", AE_IFREG, ""}, {"top/b/c", "2", AE_IFREG, ""}};
  const std::map<std::string, std::string> files = {{"top/a", "1"}, {"top/b/c", "2"}};
  const std::vector<std::string> archives = {Made("a.tar", entries),
                                             Made("b.tar.gz", entries, false, true),
                                             Made("c.zip", {entries[1], entries[2]}, true)};
  for (const std::string& archive : archives) {
    const absl::Status status = UnpackArchive(archive, root_ + "/out");
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(Files("/out"), files) << archive;
    fs::remove_all(root_ + "/out");
  }
}

TEST_F(ArchiveTest, ListsNamesWithoutUnpacking) {
  const std::vector<Entry> entries = {
      {"top/", "", AE_IFDIR, ""}, {"top/a", "1", AE_IFREG, ""}, {"../evil", "2", AE_IFREG, ""}};
  for (const bool zip : {false, true}) {
    const auto names = ListArchive(Made("a", entries, zip), 10);
    ASSERT_TRUE(names.ok()) << names.status();
    EXPECT_THAT(*names, testing::ElementsAre("top/", "top/a", "../evil"));
    EXPECT_EQ(ListArchive(root_ + "/a", 2)->size(), 2u);
  }
  Put("/text", std::string(5000, 't'));
  EXPECT_TRUE(absl::IsInvalidArgument(ListArchive(root_ + "/text", 10).status()));
}

TEST_F(ArchiveTest, NothingLeadsOutOfTheFolder) {
  ExpectRefused(Made("a.tar", {{"good", "1", AE_IFREG, ""}, {"../evil", "1", AE_IFREG, ""}}),
                "'../evil'");
  ExpectRefused(Made("b.tar", {{"a/../../evil", "1", AE_IFREG, ""}}), "leads out of the folder");
  ExpectRefused(Made("c.tar", {{root_ + "/evil", "1", AE_IFREG, ""}}), "leads out of the folder");
  ExpectRefused(Made("d.tar", {{"link", "", AE_IFLNK, root_}, {"link/evil", "1", AE_IFREG, ""}}),
                "holds the link 'link'");
  ExpectRefused(Made("e.tar", {{"a", "1", AE_IFREG, ""}, {"b", "", AE_IFREG, "a"}}),
                "holds the link 'b'");
  ExpectRefused(Made("f.tar", {{"pipe", "", AE_IFIFO, ""}}), "neither file nor folder");
  EXPECT_FALSE(fs::exists(root_ + "/evil"));
}

TEST_F(ArchiveTest, LimitsHold) {
  const std::string archive =
      Made("a.tar", {{"a", "12345", AE_IFREG, ""}, {"b", "67890", AE_IFREG, ""}});
  ExpectRefused(archive, "more than 1 files", {.files = 1});
  ExpectRefused(archive, "more than 9 bytes", {.bytes = 9});
  EXPECT_TRUE(UnpackArchive(archive, root_ + "/out", {.files = 2, .bytes = 10}).ok());
}

TEST_F(ArchiveTest, DamagedOnesAreRefused) {
  Put("/text", std::string(5000, 't'));
  ExpectRefused(root_ + "/text", "/text is no whole tar or zip archive");
  Put("/nothing", "");
  ExpectRefused(root_ + "/nothing", "no whole tar or zip archive");
  ExpectRefused(Made("none.tar", {{"folder", "", AE_IFDIR, ""}}), "holds no file");
  for (const bool zip : {false, true}) {
    const std::string whole =
        *ReadFile(Made("whole", {{"a", std::string(100'000, 'a'), AE_IFREG, ""}}, zip, !zip));
    Put("/cut", whole.substr(0, whole.size() / 2));
    ExpectRefused(root_ + "/cut", "no whole tar or zip archive");
  }
  EXPECT_TRUE(absl::IsNotFound(UnpackArchive(root_ + "/lost.tar", root_ + "/out")));
}

TEST_F(ArchiveTest, WhatADeadProcessLeftIsReplacedAndWhatIsThereStays) {
  const std::string archive = Made("a.tar", {{"a", "1", AE_IFREG, ""}});
  Put("/out.unpacking/half", "x");
  ASSERT_TRUE(UnpackArchive(archive, root_ + "/out").ok());
  EXPECT_EQ(Files("/out"), (std::map<std::string, std::string>{{"a", "1"}}));
  Put("/out/mine", "2");
  ASSERT_TRUE(UnpackArchive(archive, root_ + "/out").ok());
  EXPECT_EQ(Files("/out").size(), 2u);
}

TEST_F(ArchiveTest, ManyAtOnceUnpackOnce) {
  std::vector<Entry> entries;
  for (int i = 0; i < 300; ++i) entries.push_back({absl::StrCat("f", i), "contents", AE_IFREG, ""});
  const std::string archive = Made("a.tar", entries);
  std::vector<absl::Status> results(8);
  std::vector<size_t> seen(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&, i] {
      results[i] = UnpackArchive(archive, root_ + "/out");
      seen[i] = Files("/out").size();  // whole at once for everybody
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : results) EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(seen, testing::Each(300u));
}

}  // namespace
}  // namespace entrobench
