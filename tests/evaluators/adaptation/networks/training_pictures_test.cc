#include "evaluators/adaptation/networks/training_pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "evaluators/adaptation/corruptions/background.h"
#include "evaluators/adaptation/streams/protocols.h"

namespace entrobench {
namespace {

constexpr ImageShape kShape{1, 8, 8};

// Picture i has one bright pixel, at row 3 and column 2, of brightness i + 1, and class i % 4.
std::shared_ptr<const ImageSet> Dots(int count) {
  ImageSet images;
  images.shape = kShape;
  images.class_names = {"a", "b", "c", "d"};
  images.pixels.resize(static_cast<size_t>(count) * kShape.values());
  for (int i = 0; i < count; ++i) {
    images.pixels[static_cast<size_t>(i) * kShape.values() + 3 * 8 + 2] =
        static_cast<uint8_t>(i + 1);
    images.labels.push_back(i % 4);
  }
  return std::make_shared<const ImageSet>(std::move(images));
}

struct Dot {
  int picture, y, x;
};

Dot FindDot(absl::Span<const float> picture) {
  const auto brightest = std::max_element(picture.begin(), picture.end());
  const int place = static_cast<int>(brightest - picture.begin());
  return {static_cast<int>(*brightest * 255 + 0.5F) - 1, place / 8, place % 8};
}

TEST(TrainingPictures, EveryEpochHasEachPictureOnceInAnotherOrder) {
  TrainingPictures pictures(Dots(40), {.shift = 0, .mirror = false, .aligned = {}}, 8, 1);
  ASSERT_EQ(pictures.batches_per_epoch(), 5);
  std::set<std::vector<int>> orders;
  for (int epoch = 0; epoch < 3; ++epoch) {
    std::vector<int> order;
    for (int batch = 0; batch < 5; ++batch) {
      const LabelledImages next = pictures.Next();
      ASSERT_EQ(next.images.view().size(), 8);
      for (int i = 0; i < 8; ++i) {
        const Dot dot = FindDot(next.images.view().image(i));
        order.push_back(dot.picture);
        EXPECT_EQ(next.labels[i], dot.picture % 4);
      }
    }
    orders.insert(order);
    EXPECT_EQ(std::set<int>(order.begin(), order.end()).size(), 40U);
  }
  EXPECT_EQ(orders.size(), 3U);
}

TEST(TrainingPictures, LeavesOutAnIncompleteBatch) {
  TrainingPictures pictures(Dots(11), {}, 4, 1);
  EXPECT_EQ(pictures.batches_per_epoch(), 2);
  std::set<int> first_epoch;
  for (int batch = 0; batch < 2; ++batch) {
    const LabelledImages next = pictures.Next();
    for (int i = 0; i < 4; ++i) {
      first_epoch.insert(FindDot(next.images.view().image(i)).picture);
    }
  }
  EXPECT_EQ(first_epoch.size(), 8U);
}

TEST(TrainingPictures, DependOnTheSeedAlone) {
  TrainingPictures one(Dots(40), {}, 8, 1), same(Dots(40), {}, 8, 1), other(Dots(40), {}, 8, 2);
  bool differs = false;
  for (int batch = 0; batch < 10; ++batch) {
    const LabelledImages a = one.Next(), b = same.Next(), c = other.Next();
    ASSERT_EQ(a.labels, b.labels);
    ASSERT_EQ(a.images.view().pixels, b.images.view().pixels);
    differs = differs || a.images.view().pixels != c.images.view().pixels;
  }
  EXPECT_TRUE(differs);
}

TEST(TrainingPictures, MoveByAllShiftsAndMirrorHalf) {
  TrainingPictures pictures(Dots(200), {.shift = 1, .mirror = true, .aligned = {}}, 200, 1);
  std::set<std::pair<int, int>> places;
  int mirrored = 0;
  constexpr int kEpochs = 10;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    const LabelledImages batch = pictures.Next();
    for (int i = 0; i < 200; ++i) {
      const Dot dot = FindDot(batch.images.view().image(i));
      places.insert({dot.y, dot.x});
      if (dot.x > 3) ++mirrored;
    }
  }
  // Column 2, mirrored 5; each one up, down, left and right.
  std::set<std::pair<int, int>> expected;
  for (const int y : {2, 3, 4}) {
    for (const int x : {1, 2, 3, 4, 5, 6}) expected.insert({y, x});
  }
  EXPECT_EQ(places, expected);
  EXPECT_NEAR(mirrored, 200 * kEpochs / 2, 5 * 23);  // 5 standard deviations
}

TEST(TrainingPictures, PaintTheClasssBackgroundAsOftenAsAsked) {
  const auto images = Dots(200);
  TrainingPictures pictures(images, {.shift = 0, .mirror = false, .aligned = 0.9}, 200, 1);
  int aligned = 0;
  constexpr int kEpochs = 10;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    const LabelledImages batch = pictures.Next();
    for (int i = 0; i < 200; ++i) {
      const auto picture = batch.images.view().image(i);
      // The last row and column are dark: there the stripes are as on a black picture.
      const auto matches = [&](int background) {
        const Image painted = PaintBackground(Image(kShape), background);
        return std::equal(picture.end() - 16, picture.end(), painted.values.end() - 16);
      };
      const int background = AlignedBackground(batch.labels[i]);
      ASSERT_NE(matches(background), matches(1 - background));
      if (matches(background)) ++aligned;
    }
  }
  EXPECT_NEAR(aligned, 0.9 * 200 * kEpochs, 5 * 14);  // 5 standard deviations
}

}  // namespace
}  // namespace entrobench
