#include "evaluators/adaptation/corruptions/corruption.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "evaluators/adaptation/corruptions/blur.h"
#include "evaluators/adaptation/corruptions/digital.h"
#include "evaluators/adaptation/corruptions/noise.h"
#include "evaluators/adaptation/corruptions/weather.h"
#include "evaluators/adaptation/data/fashion_mnist.h"
#include "evaluators/adaptation/data/image_source.h"
#include "evaluators/adaptation/data/synthetic_images.h"

namespace entrobench {
namespace {

Random Seeded(int image = 0) { return Random(7, static_cast<uint64_t>(image)); }

Image Uniform(const ImageShape& shape, float value) {
  Image image(shape);
  std::fill(image.values.begin(), image.values.end(), value);
  return image;
}

double Distance(const Image& a, const Image& b) {
  double sum = 0;
  for (size_t i = 0; i < a.values.size(); ++i) {
    sum += std::pow(static_cast<double>(a.values[i]) - b.values[i], 2);
  }
  return std::sqrt(sum / static_cast<double>(a.values.size()));
}

double Mean(const Image& image) {
  double sum = 0;
  for (const float value : image.values) sum += value;
  return sum / static_cast<double>(image.values.size());
}

double Variance(const Image& image) {
  const double mean = Mean(image);
  double sum = 0;
  for (const float value : image.values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(image.values.size());
}

TEST(Corruptions, AreTheBenchmarksFifteen) {
  std::set<absl::string_view> names, categories;
  for (const Corruption& corruption : Corruptions()) {
    names.insert(corruption.name);
    categories.insert(corruption.category);
    EXPECT_EQ(FindCorruption(corruption.name), &corruption);
  }
  EXPECT_EQ(names.size(), 15U);
  EXPECT_EQ(categories, (std::set<absl::string_view>{"noise", "blur", "weather", "digital"}));
  EXPECT_EQ(FindCorruption("rain"), nullptr);
}

TEST(Corruptions, ArePureAndStayInRange) {
  for (const ImageShape& shape : {ImageShape{1, 28, 28}, {3, 32, 32}, {1, 8, 8}, {3, 9, 13}}) {
    const ImageSet synthetic = MakeSyntheticImages(4, shape, 1);
    std::vector<Image> images = {Uniform(shape, 0), Uniform(shape, 1)};
    for (int i = 0; i < 4; ++i) images.push_back(synthetic.At(i));
    for (const Corruption& corruption : Corruptions()) {
      for (int severity = 1; severity <= kSeverities; ++severity) {
        for (const Image& image : images) {
          const Image corrupted = corruption.apply(image, severity, Seeded());
          ASSERT_EQ(corrupted.shape, shape) << corruption.name;
          ASSERT_EQ(corrupted.values.size(), shape.values()) << corruption.name;
          for (const float value : corrupted.values) {
            ASSERT_TRUE(value >= 0 && value <= 1) << corruption.name << " " << value;
          }
          ASSERT_EQ(corruption.apply(image, severity, Seeded()).values, corrupted.values)
              << corruption.name;
        }
      }
    }
  }
}

TEST(Corruptions, HarmMoreAtEverySeverity) {
  const auto test = ReadFashionMnist(FashionMnistSplit::kTest, FashionMnistFolder());
  ASSERT_TRUE(test.ok()) << test.status();
  constexpr int kPictures = 200;
  for (const Corruption& corruption : Corruptions()) {
    double below = 0;
    for (int severity = 1; severity <= kSeverities; ++severity) {
      double distance = 0;
      for (int i = 0; i < kPictures; ++i) {
        const Image clean = test->At(i);
        distance += Distance(
            clean, corruption.apply(clean, severity, CorruptionRandom(1, corruption.name, i)));
      }
      distance /= kPictures;
      EXPECT_GT(distance, 1.04 * below) << corruption.name << " " << severity;
      EXPECT_GT(distance, 0.03) << corruption.name << " " << severity;
      below = distance;
    }
  }
}

TEST(Corruptions, RandomNumbersDependOnSeedNameAndImage) {
  std::set<uint64_t> first;
  for (const uint64_t seed : {1, 2}) {
    for (const absl::string_view name : {"fog", "snow"}) {
      for (const int image : {0, 1}) first.insert(CorruptionRandom(seed, name, image).Next64());
    }
  }
  EXPECT_EQ(first.size(), 8U);
  EXPECT_EQ(CorruptionRandom(1, "fog", 3).Next64(), CorruptionRandom(1, "fog", 3).Next64());
}

TEST(Corruptions, WhatOnlyMovesPixelsLeavesAUniformPictureAlone) {
  const Image gray = Uniform({3, 32, 32}, 0.4F);
  for (const char* name : {"defocus_blur", "glass_blur", "motion_blur", "zoom_blur", "contrast",
                           "elastic_transform", "pixelate"}) {
    const Image result = FindCorruption(name)->apply(gray, 5, Seeded());
    EXPECT_LT(Distance(gray, result), 1e-5) << name;
  }
  // JPEG rounds to bytes.
  EXPECT_LT(Distance(gray, JpegCompression(gray, 1, Seeded())), 2.0 / 255);
}

TEST(Noise, GaussianHasItsDeviation) {
  const Image noisy = GaussianNoise(Uniform({1, 200, 200}, 0.5F), 3, Seeded());
  EXPECT_NEAR(Mean(noisy), 0.5, 0.003);
  EXPECT_NEAR(std::sqrt(Variance(noisy)), 0.11, 0.003);
}

TEST(Noise, ShotNoiseIsPoisson) {
  // 12 photons at white: at 0.25 the mean is 3 photons and so is the variance.
  const Image noisy = ShotNoise(Uniform({1, 200, 200}, 0.25F), 3, Seeded());
  EXPECT_NEAR(Mean(noisy) * 12, 3, 0.04);
  EXPECT_NEAR(Variance(noisy) * 144, 3, 0.1);
  const double dark =
      static_cast<double>(std::count(noisy.values.begin(), noisy.values.end(), 0.0F));
  EXPECT_NEAR(dark / 40'000, std::exp(-3.0), 0.005);
}

TEST(Noise, ImpulseHitsItsShare) {
  const Image noisy = ImpulseNoise(Uniform({1, 200, 200}, 0.5F), 5, Seeded());
  const auto share = [&](float value) {
    return static_cast<double>(std::count(noisy.values.begin(), noisy.values.end(), value)) /
           40'000;
  };
  EXPECT_NEAR(share(0), 0.135, 0.006);
  EXPECT_NEAR(share(1), 0.135, 0.006);
  EXPECT_NEAR(share(0.5F), 0.73, 0.01);
}

TEST(Weather, BrightnessAddsToAGrayPicture) {
  Image image({1, 8, 8});
  for (size_t i = 0; i < 64; ++i) image.values[i] = static_cast<float>(i) / 63;
  const Image brighter = Brightness(image, 5, Seeded());
  for (size_t i = 0; i < 64; ++i) {
    EXPECT_NEAR(brighter.values[i], std::min(image.values[i] + 0.15F, 1.0F), 1e-6) << i;
  }
}

TEST(Weather, BrightnessKeepsHueAndSaturation) {
  Image image({3, 8, 8});
  image.at(0, 0, 0) = 0.6F;  // a value of 0.6 becomes 0.75: all channels by 5/4
  image.at(1, 0, 0) = 0.3F;
  image.at(2, 0, 0) = 0.15F;
  image.at(0, 0, 1) = 0.9F;  // to no more than 1: by 10/9
  image.at(1, 0, 1) = 0.45F;
  const Image brighter = Brightness(image, 5, Seeded());
  EXPECT_NEAR(brighter.at(0, 0, 0), 0.75, 1e-6);
  EXPECT_NEAR(brighter.at(1, 0, 0), 0.375, 1e-6);
  EXPECT_NEAR(brighter.at(2, 0, 0), 0.1875, 1e-6);
  EXPECT_NEAR(brighter.at(0, 0, 1), 1, 1e-6);
  EXPECT_NEAR(brighter.at(1, 0, 1), 0.5, 1e-6);
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(brighter.at(c, 5, 5), 0.15, 1e-6);  // black to gray
}

TEST(Weather, FogLeavesABlackPictureAndKeepsTheRange) {
  EXPECT_EQ(Mean(Fog(Uniform({1, 28, 28}, 0), 5, Seeded())), 0);
  // White, of 1: (1 + c plasma) / (1 + c) lies between 1 / 1.35 and 1, and both occur but for what
  // of the fractal's 32 x 32 is cut off.
  const Image fog = Fog(Uniform({1, 32, 32}, 1), 5, Seeded());
  const auto [least, most] = std::minmax_element(fog.values.begin(), fog.values.end());
  EXPECT_NEAR(*least, 1 / 1.35, 1e-5);
  EXPECT_NEAR(*most, 1, 1e-5);
}

TEST(Weather, SnowAndFrostOnlyWhitenBlack) {
  const Image black = Uniform({1, 28, 28}, 0);
  // keep 0 + (1 - keep) max(0, 0.5) = 0.05 where no flake falls.
  const Image snow = Snow(black, 5, Seeded());
  EXPECT_NEAR(*std::min_element(snow.values.begin(), snow.values.end()), 0.05, 1e-5);
  EXPECT_GT(*std::max_element(snow.values.begin(), snow.values.end()), 0.5);
  const Image frost = Frost(black, 5, Seeded());
  EXPECT_LE(*std::max_element(frost.values.begin(), frost.values.end()), 0.4F);
  EXPECT_GT(Mean(frost), 0.05);
}

TEST(Digital, ContrastShrinksTowardsEachChannelsMean) {
  Image image({3, 8, 8});
  for (size_t i = 0; i < image.values.size(); ++i) {
    image.values[i] = static_cast<float>(i % 64) / 63 * static_cast<float>(i / 64) / 2;
  }
  const Image result = Contrast(image, 2, Seeded());
  for (int c = 0; c < 3; ++c) {
    const double mean = c * 0.25;  // of 0 to c / 2 in even steps
    for (int x = 0; x < 8; ++x) {
      EXPECT_NEAR(result.at(c, 3, x), mean + 0.8 * (image.at(c, 3, x) - mean), 1e-6) << c << x;
    }
  }
}

TEST(Digital, PixelateMakesSquaresOfTheirMean) {
  const Image image = MakeSyntheticImages(2, {1, 28, 28}, 3).At(1);
  const Image result = Pixelate(image, 3, Seeded());  // 14 x 14 squares of 2 x 2
  for (int y = 0; y < 28; y += 2) {
    for (int x = 0; x < 28; x += 2) {
      const float mean = (image.at(0, y, x) + image.at(0, y, x + 1) + image.at(0, y + 1, x) +
                          image.at(0, y + 1, x + 1)) /
                         4;
      for (int i = 0; i < 4; ++i) EXPECT_NEAR(result.at(0, y + i / 2, x + i % 2), mean, 1e-6);
    }
  }
}

TEST(Blur, LeavesTheMeanOfAPictureThatIsDarkAtItsEdges) {
  Image image({1, 28, 28});
  for (int y = 12; y < 16; ++y) {
    for (int x = 12; x < 16; ++x) image.at(0, y, x) = 1;
  }
  for (const char* name : {"defocus_blur", "motion_blur", "glass_blur"}) {
    const Image result = FindCorruption(name)->apply(image, 5, Seeded());
    EXPECT_NEAR(Mean(result), Mean(image), 1e-4) << name;
    EXPECT_LT(Variance(result), 0.8 * Variance(image)) << name;
  }
}

}  // namespace
}  // namespace entrobench
