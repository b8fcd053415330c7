#include "evaluators/adaptation/data/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evaluators/adaptation/data/data_file.h"
#include "tests/common/scratch_folder.h"
#include "tests/evaluators/adaptation/data/files.h"

namespace entrobench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> kTwoClasses = {"shoe", "bag"};

TEST(Idx, ReadsImagesAndLabels) {
  const ScratchFolder folder;
  WriteBytes(folder / "images",
             IdxBytes({2, 2, 3}, std::string("\0\1\2\3\4\5\377\7\10\11\12\13", 12)));
  WriteBytes(folder / "labels", IdxBytes({2}, std::string("\1\0", 2)));
  const auto set = ReadIdxImages(folder / "images", folder / "labels", kTwoClasses);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->shape, (ImageShape{1, 2, 3}));
  EXPECT_THAT(set->labels, ElementsAre(1, 0));
  EXPECT_THAT(set->class_names, ElementsAre("shoe", "bag"));
  EXPECT_EQ(set->At(0).at(0, 1, 2), 5 / 255.0F);
  EXPECT_EQ(set->At(1).at(0, 0, 0), 1.0F);
}

TEST(Idx, ReadsGzipWhateverItsName) {
  const ScratchFolder folder;
  const std::string images = IdxBytes({1, 2, 2}, "abcd"), labels = IdxBytes({1}, std::string(1, 0));
  WriteBytes(folder / "images", GzipBytes(images, folder / "packed"));
  WriteBytes(folder / "labels", GzipBytes(labels, folder / "packed"));
  const auto set = ReadIdxImages(folder / "images", folder / "labels", kTwoClasses);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(set->pixels, ElementsAre('a', 'b', 'c', 'd'));
}

TEST(Idx, SaysWhatIsWrongWithAFile) {
  const auto error = [](const std::string& bytes) {
    return std::string(ParseIdx(bytes, "t10k").status().message());
  };
  const std::string good = IdxBytes({2, 3}, "abcdef");
  EXPECT_EQ(error(good), "");
  EXPECT_EQ(error(good.substr(0, good.size() - 1)),
            "t10k: 5 bytes follow the IDX header, which promises 2 x 3 = 6: fetch the file again");
  EXPECT_THAT(error(good + "x"), HasSubstr("7 bytes follow"));
  EXPECT_THAT(error(good.substr(0, 9)), HasSubstr("cut off after 9 bytes; it has 12"));
  EXPECT_THAT(error(""), HasSubstr("not an IDX file"));
  EXPECT_THAT(error("PK\3\4"), HasSubstr("not an IDX file"));
  EXPECT_THAT(error(std::string("\0\0\x0d\1\0\0\0\1", 8)), HasSubstr("type 13; expected 8"));
  EXPECT_THAT(error(std::string("\0\0\x08\0", 4)), HasSubstr("rank 0; expected 1 to 4"));
  EXPECT_THAT(error(std::string("\0\0\x08\5", 4)), HasSubstr("rank 5"));
  EXPECT_THAT(error(IdxBytes({0}, "")), HasSubstr("promises 0 elements"));
  EXPECT_THAT(error(IdxBytes({0xffffffff, 0xffffffff, 0xffffffff}, "")), HasSubstr("promises"));
}

TEST(Idx, RefusesFilesThatDoNotBelongTogether) {
  const ScratchFolder folder;
  const auto error = [&](const std::string& images, const std::string& labels) {
    WriteBytes(folder / "images", images);
    WriteBytes(folder / "labels", labels);
    return std::string(
        ReadIdxImages(folder / "images", folder / "labels", kTwoClasses).status().message());
  };
  const std::string images = IdxBytes({2, 1, 1}, "ab"),
                    labels = IdxBytes({2}, std::string("\0\1", 2));
  EXPECT_EQ(error(images, labels), "");
  EXPECT_THAT(error(labels, images), HasSubstr("are images and labels swapped?"));
  EXPECT_THAT(error(images, IdxBytes({1}, std::string(1, 0))), HasSubstr("2 images"));
  EXPECT_THAT(error(images, IdxBytes({2}, std::string("\0\2", 2))),
              HasSubstr("label 2 of image 1; expected 0 to 1"));
}

TEST(DataFile, UnpacksNoMoreThanItsLimit) {
  const ScratchFolder folder;
  const std::string packed = GzipBytes(std::string(1'000'000, 'x'), folder / "packed");
  ASSERT_LT(packed.size(), 10'000U);
  EXPECT_EQ(Gunzip(packed, "bomb", 1'000'000)->size(), 1'000'000U);
  EXPECT_EQ(Gunzip(packed, "bomb", 999'999).status().message(),
            "bomb: more than 999999 bytes, the most that is read");
}

TEST(DataFile, ReadsAllGzipMembersAndNoDamage) {
  const ScratchFolder folder;
  const std::string packed = GzipBytes("one", folder / "packed");
  EXPECT_EQ(*Gunzip(packed + GzipBytes("two", folder / "packed"), "file", 100), "onetwo");
  EXPECT_THAT(
      std::string(Gunzip(packed.substr(0, packed.size() - 1), "file", 100).status().message()),
      HasSubstr("damaged gzip (it ends too early)"));
  std::string wrong = packed;
  wrong[wrong.size() - 6] ^= 1;  // the checksum
  EXPECT_THAT(std::string(Gunzip(wrong, "file", 100).status().message()),
              HasSubstr("damaged gzip"));
  EXPECT_EQ(ReadDataFile(folder / "none").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace entrobench
