#include "evaluators/adaptation/data/image_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evaluators/adaptation/data/picture.h"
#include "tests/common/scratch_folder.h"
#include "tests/evaluators/adaptation/data/files.h"

namespace entrobench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 2 x 2: red, green, blue, gray.
const std::string kPixels("\xff\0\0\0\xff\0\0\0\xff\x80\x80\x80", 12);

TEST(Picture, ReadsPngToTheByte) {
  const auto image = DecodePicture(PngBytes(2, 2, kPixels), "a.png");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->shape, (ImageShape{3, 2, 2}));
  EXPECT_THAT(image->values, ElementsAre(1, 0, 0, 128 / 255.0F,  //
                                         0, 1, 0, 128 / 255.0F,  //
                                         0, 0, 1, 128 / 255.0F));
}

TEST(Picture, ReadsJpegNearly) {
  const auto image = DecodePicture(JpegBytes(2, 2, kPixels), "a.jpeg");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_NEAR(image->at(0, 0, 0), 1, 0.02);
  EXPECT_NEAR(image->at(1, 0, 0), 0, 0.02);
  EXPECT_NEAR(image->at(2, 1, 0), 1, 0.02);
}

TEST(Picture, RefusesHalfAPictureAndOtherFiles) {
  const std::string noise(3 * 64 * 64, 'x');
  for (const std::string& whole : {PngBytes(64, 64, noise), JpegBytes(64, 64, noise)}) {
    EXPECT_TRUE(DecodePicture(whole, "a").ok());
    const auto half = DecodePicture(whole.substr(0, whole.size() / 2), "a");
    EXPECT_EQ(half.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(half.status().message()), HasSubstr("a: a "));
  }
  EXPECT_EQ(DecodePicture("GIF89a", "a.png").status().message(),
            "a.png: neither PNG nor JPEG by its first bytes");
  EXPECT_THAT(
      std::string(
          DecodePicture(PngBytes(1, 5000, std::string(15000, 'x')), "wide").status().message()),
      HasSubstr("5000 x 1 pixels; the longest side read is 4096"));
}

class ImageFolderTest : public ::testing::Test {
 protected:
  ImageFolderTest() {
    for (const std::string corruption : {"snow", "fog"}) {
      for (const int severity : {3, 5}) {
        for (const std::string file : {"n2/b.png", "n1/z.PNG", "n2/a.png"}) {
          std::string pixels = kPixels;
          pixels[0] = static_cast<char>(severity);
          WriteBytes(Path(corruption, severity, file), PngBytes(2, 2, pixels));
        }
      }
    }
  }
  std::string Path(const std::string& corruption, int severity, const std::string& file) {
    return folder_ / absl::StrCat(corruption, "/", severity, "/", file);
  }
  std::string Error() { return std::string(ImageFolder::Open(folder_.path()).status().message()); }

  const ScratchFolder folder_;
};

TEST_F(ImageFolderTest, NumbersClassesByName) {
  const auto set = ImageFolder::Open(folder_.path());
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT((*set)->corruptions(), ElementsAre("fog", "snow"));
  EXPECT_THAT((*set)->class_names(), ElementsAre("n1", "n2"));
  EXPECT_THAT((*set)->labels(), ElementsAre(0, 1, 1));
  EXPECT_THAT((*set)->severities(), ElementsAre(3, 5));
  const auto image = (*set)->Load({.image = 1, .corruption = 1, .severity = 5});
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->at(0, 0, 0), 5 / 255.0F);
  EXPECT_THAT(std::string((*set)->Load({.severity = 4}).status().message()),
              HasSubstr("has no severity 4; it has 3, 5"));
}

TEST_F(ImageFolderTest, NamesTheFileThatIsMissing) {
  std::filesystem::remove(Path("snow", 3, "n2/a.png"));
  EXPECT_THAT(Error(), HasSubstr("snow/3 has no n2/a.png, which "));
}

TEST_F(ImageFolderTest, NamesTheFileThatIsTooMany) {
  WriteBytes(Path("snow", 5, "n3/c.png"), "");
  EXPECT_THAT(Error(), HasSubstr("fog/3 has no n3/c.png, which "));
}

TEST_F(ImageFolderTest, RefusesOtherLayouts) {
  WriteBytes(folder_ / "snow/mild/n1/a.png", "");
  EXPECT_THAT(Error(), HasSubstr("severity 'mild'; expected 1 to 5"));
  EXPECT_THAT(std::string(ImageFolder::Open(folder_ / "fog/3/n1").status().message()),
              HasSubstr("no folder in it; expected CORRUPTION/SEVERITY/CLASS/picture"));
}

TEST_F(ImageFolderTest, APictureOfAnotherSizeIsNamed) {
  WriteBytes(Path("snow", 5, "n2/b.png"), PngBytes(1, 2, kPixels.substr(0, 6)));
  const auto set = ImageFolder::Open(folder_.path());
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(
      std::string((*set)->Load({.image = 2, .corruption = 1, .severity = 5}).status().message()),
      HasSubstr("snow/5/n2/b.png: a picture of 3 x 1 x 2, but the first one is 3 x 2 x 2"));
}

}  // namespace
}  // namespace entrobench
