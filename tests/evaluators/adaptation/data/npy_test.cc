#include "evaluators/adaptation/data/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evaluators/adaptation/data/cifar_c.h"
#include "tests/common/scratch_folder.h"
#include "tests/evaluators/adaptation/data/files.h"

namespace entrobench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Npy, ReadsRows) {
  const ScratchFolder folder;
  WriteBytes(folder / "a.npy", NpyBytes("|u1", {3, 2}, "abcdef"));
  const auto file = NpyFile::Open(folder / "a.npy");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT((*file)->header().shape, ElementsAre(3, 2));
  EXPECT_THAT(*(*file)->ReadRow(2), ElementsAre('e', 'f'));
  EXPECT_THAT(*(*file)->ReadRow(0), ElementsAre('a', 'b'));
  EXPECT_EQ((*file)->ReadRow(3).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(Npy, ReadsTheBytesThatNumpySaves) {
  // numpy.save of numpy.array([7, 300], dtype='<i4') with NumPy 1.24, byte by byte.
  std::string bytes("\x93NUMPY\x01\x00\x76\x00", 10);
  bytes += "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }";
  bytes += std::string(128 - bytes.size() - 1, ' ') + "\n";
  bytes += std::string("\x07\0\0\0\x2c\x01\0\0", 8);
  const ScratchFolder folder;
  WriteBytes(folder / "labels.npy", bytes);
  EXPECT_THAT(*ReadNpyLabels(folder / "labels.npy"), ElementsAre(7, 300));
}

TEST(Npy, ReadsLabelsOfEveryWholeType) {
  const ScratchFolder folder;
  const auto read = [&](const std::string& type, const std::string& elements) {
    const int size = type[2] - '0';
    WriteBytes(folder / "l.npy",
               NpyBytes(type, {static_cast<int>(elements.size()) / size}, elements));
    return ReadNpyLabels(folder / "l.npy");
  };
  EXPECT_THAT(*read("|u1", "\x01\xff"), ElementsAre(1, 255));
  EXPECT_THAT(*read("<u2", std::string("\x01\x01", 2)), ElementsAre(257));
  EXPECT_THAT(*read("<i8", std::string("\x05\0\0\0\0\0\0\0", 8)), ElementsAre(5));
  EXPECT_THAT(std::string(read("|i1", "\xff").status().message()), HasSubstr("label 0 is outside"));
  EXPECT_THAT(std::string(read("<i8", std::string(8, '\xff')).status().message()),
              HasSubstr("label 0 is outside"));
}

TEST(Npy, SaysWhatIsWrongWithAFile) {
  const auto error = [](const std::string& bytes) {
    return std::string(ParseNpyHeader(bytes, "fog.npy").status().message());
  };
  EXPECT_EQ(error(NpyBytes("|u1", {2, 3}, "")), "");
  EXPECT_EQ(error(NpyBytes("<f4", {2, 3}, "")),
            "fog.npy: elements of type '<f4'; expected '|u1' or little-endian integers: save it "
            "with numpy.save(file, array.astype('uint8'))");
  EXPECT_THAT(error(NpyBytes("|O", {2}, "")), HasSubstr("type '|O'"));
  EXPECT_THAT(error(NpyBytes(">i4", {2}, "")), HasSubstr("type '>i4'"));
  EXPECT_THAT(error(NpyBytes("|u1", {2, 0}, "")), HasSubstr("shape (2, 0)"));
  EXPECT_THAT(error(NpyBytes("|u1", {1, 1, 1, 1, 1}, "")), HasSubstr("1 to 4 dimensions"));
  EXPECT_THAT(error(NpyBytes("|u1", {2'000'000'000, 2'000'000'000}, "")), HasSubstr("shape ("));
  EXPECT_THAT(error("\x93NUMPY"), HasSubstr("not a .npy file"));
  EXPECT_THAT(error(NpyBytes("|u1", {2}, "").substr(0, 40)), HasSubstr("cut off or damaged"));
  std::string fortran = NpyBytes("|u1", {2, 3}, "");
  fortran.replace(fortran.find("False"), 5, "True ");
  EXPECT_THAT(error(fortran), HasSubstr("numpy.ascontiguousarray"));
}

TEST(Npy, TheFileIsAsLongAsItSays) {
  const ScratchFolder folder;
  WriteBytes(folder / "a.npy", NpyBytes("|u1", {3, 2}, "abcde"));
  EXPECT_THAT(std::string(NpyFile::Open(folder / "a.npy").status().message()),
              HasSubstr("the file has 133 bytes; shape 3 x 2 needs 134: fetch it again"));
}

// Two corruptions of three pictures, 2 x 2: picture i at severity s has the value 10 s + i, and 100
// more in the second file; the green of its last pixel is 1.
class CifarCTest : public ::testing::Test {
 protected:
  CifarCTest() {
    for (const auto& [name, base] : {std::pair("fog", 0), std::pair("snow", 100)}) {
      std::string pixels;
      for (int severity = 1; severity <= 5; ++severity) {
        for (int image = 0; image < 3; ++image) {
          std::string picture(12, static_cast<char>(base + 10 * severity + image));
          picture[10] = 1;
          pixels += picture;
        }
      }
      WriteBytes(folder_ / absl::StrCat(name, ".npy"), NpyBytes("|u1", {15, 2, 2, 3}, pixels));
    }
    WriteLabels(std::string("\4\0\2\4\0\2\4\0\2\4\0\2\4\0\2", 15));
  }
  void WriteLabels(const std::string& labels) {
    WriteBytes(folder_ / "labels.npy", NpyBytes("|u1", {static_cast<int>(labels.size())}, labels));
  }
  std::string Error() { return std::string(CifarC::Open(folder_.path(), 10).status().message()); }

  const ScratchFolder folder_;
};

TEST_F(CifarCTest, FindsAPictureByCorruptionAndSeverity) {
  const auto set = CifarC::Open(folder_.path(), 10);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT((*set)->corruptions(), ElementsAre("fog", "snow"));
  EXPECT_THAT((*set)->labels(), ElementsAre(4, 0, 2));
  EXPECT_EQ((*set)->class_names().size(), 10U);
  EXPECT_EQ((*set)->shape(), (ImageShape{3, 2, 2}));
  const auto image = (*set)->Load({.image = 2, .corruption = 1, .severity = 4});
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->at(0, 0, 0), 142 / 255.0F);
  EXPECT_EQ(image->at(1, 1, 1), 1 / 255.0F);
  EXPECT_EQ(image->at(2, 1, 1), 142 / 255.0F);
}

TEST_F(CifarCTest, TakesTheLabelsOnceToo) {
  WriteLabels(std::string("\4\0\2", 3));
  EXPECT_THAT((*CifarC::Open(folder_.path(), 10))->labels(), ElementsAre(4, 0, 2));
}

TEST_F(CifarCTest, RefusesWhatItCannotGive) {
  const auto set = *CifarC::Open(folder_.path(), 10);
  using absl::StatusCode;
  EXPECT_EQ(set->Load({.image = 3, .severity = 1}).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(set->Load({.corruption = 2, .severity = 1}).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(set->Load({.severity = 6}).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(set->Load({.severity = 0}).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(set->Load({.severity = 1, .background = 0}).status().code(),
            StatusCode::kFailedPrecondition);
}

TEST_F(CifarCTest, RefusesFilesThatDoNotBelongTogether) {
  WriteLabels(std::string("\4\0\2\4\0\2\4\1\2\4\0\2\4\0\2", 15));
  EXPECT_THAT(Error(),
              HasSubstr("image 1 is of class 0 at severity 1 and of class 1 at severity 3"));
  WriteLabels(std::string("\4\0\12", 3));
  EXPECT_THAT(Error(), HasSubstr("labels.npy: image 2 is of class 10; expected 0 to 9"));
  WriteLabels(std::string(14, 0));
  EXPECT_THAT(Error(), HasSubstr("14 labels; expected 15, or 3 for one severity"));
  WriteBytes(folder_ / "haze.npy", NpyBytes("|u1", {10, 2, 2, 3}, std::string(120, 'x')));
  EXPECT_THAT(Error(), HasSubstr("10 x 2 x 2 x 3, but "));
  WriteBytes(folder_ / "haze.npy", NpyBytes("|u1", {14, 2, 2, 3}, std::string(168, 'x')));
  EXPECT_THAT(Error(), HasSubstr("the five severities stacked"));
  EXPECT_EQ(CifarC::Open(folder_ / "none", 10).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace entrobench
