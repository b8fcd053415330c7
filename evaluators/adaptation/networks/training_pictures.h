// The pictures of training, batch by batch, each time a little different: moved, mirrored, or on a
// spurious background.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "evaluators/adaptation/data/image_set.h"
#include "evaluators/adaptation/image_batch.h"

namespace entrobench {

struct Augmentation {
  int shift = 2;       // at most so many pixels along each axis; what comes in is black
  bool mirror = true;  // left and right change places in every second picture
  // Paints a background: on this share of the pictures the one that goes with the class
  // (AlignedBackground), on the rest another.
  std::optional<double> aligned;
};

struct LabelledImages {
  OwnedImages images;
  std::vector<int> labels;
};

// Goes through all pictures again and again, each time in another order, which depends on `seed`
// alone, as does what happens to each picture.
class TrainingPictures {
 public:
  // `images` is one that CheckImageSet finds good, of at least `batch_size` pictures.
  TrainingPictures(std::shared_ptr<const ImageSet> images, const Augmentation& augmentation,
                   int batch_size, uint64_t seed);

  int64_t batches_per_epoch() const;  // an incomplete last one is left out
  LabelledImages Next();

 private:
  Image Augmented(int index) const;

  const std::shared_ptr<const ImageSet> images_;
  const Augmentation augmentation_;
  const int batch_size_;
  const uint64_t seed_;
  uint64_t epoch_ = 0;      // that `order_` is of, from 1
  std::vector<int> order_;  // of this epoch
  size_t next_ = 0;         // in order_
};

}  // namespace entrobench
