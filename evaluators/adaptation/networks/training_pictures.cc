#include "evaluators/adaptation/networks/training_pictures.h"

#include <utility>

#include "common/random.h"
#include "common/shuffle.h"
#include "evaluators/adaptation/corruptions/background.h"
#include "evaluators/adaptation/streams/protocols.h"

namespace entrobench {
namespace {

// Moved down and right, and mirrored before if asked.
Image Moved(const Image& image, bool mirror, int down, int right) {
  Image moved(image.shape);
  const int height = image.shape.height, width = image.shape.width;
  for (int c = 0; c < image.shape.channels; ++c) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const int from_y = y - down, from_x = x - right;
        if (from_y < 0 || from_y >= height || from_x < 0 || from_x >= width) continue;
        moved.at(c, y, x) = image.at(c, from_y, mirror ? width - 1 - from_x : from_x);
      }
    }
  }
  return moved;
}

}  // namespace

TrainingPictures::TrainingPictures(std::shared_ptr<const ImageSet> images,
                                   const Augmentation& augmentation, int batch_size, uint64_t seed)
    : images_(std::move(images)),
      augmentation_(augmentation),
      batch_size_(batch_size),
      seed_(seed) {}

int64_t TrainingPictures::batches_per_epoch() const { return images_->size() / batch_size_; }

LabelledImages TrainingPictures::Next() {
  if (next_ + static_cast<size_t>(batch_size_) > order_.size()) {
    ++epoch_;
    next_ = 0;
    Random random(seed_, MixBits(HashBytes("order"), epoch_));
    order_ = ShuffledRange(images_->size(), random);
  }
  LabelledImages batch{OwnedImages(images_->shape), {}};
  for (int i = 0; i < batch_size_; ++i) {
    const int index = order_[next_++];
    batch.images.Add(Augmented(index).values);
    batch.labels.push_back(images_->labels[static_cast<size_t>(index)]);
  }
  return batch;
}

Image TrainingPictures::Augmented(int index) const {
  Random random =
      Random(seed_, MixBits(HashBytes("picture"), epoch_)).Child(static_cast<uint64_t>(index));
  const int shift = augmentation_.shift;
  const int down = static_cast<int>(random.Between(-shift, shift));
  const int right = static_cast<int>(random.Between(-shift, shift));
  const bool mirror = augmentation_.mirror && random.Uniform() < 0.5;
  Image image = Moved(images_->At(index), mirror, down, right);
  if (!augmentation_.aligned.has_value()) return image;
  const int aligned = AlignedBackground(images_->labels[static_cast<size_t>(index)]);
  const bool follows = random.Uniform() < *augmentation_.aligned;
  return PaintBackground(image, follows ? aligned : (aligned + 1) % kBackgrounds);
}

}  // namespace entrobench
