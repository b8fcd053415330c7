#include "evaluators/adaptation/destruction.h"

#include <cstdlib>
#include <vector>

#include "common/shuffle.h"

namespace entrobench {
namespace {

size_t PixelIndex(const ImageShape& shape, int channel, int y, int x) {
  return (static_cast<size_t>(channel) * static_cast<size_t>(shape.height) +
          static_cast<size_t>(y)) *
             static_cast<size_t>(shape.width) +
         static_cast<size_t>(x);
}

void ShufflePatches(const ImageShape& shape, absl::Span<const float> from, int patches, Random* rng,
                    absl::Span<float> to) {
  const int height = shape.height / patches;
  const int width = shape.width / patches;
  const std::vector<int> order = ShuffledRange(patches * patches, *rng);
  for (int tile = 0; tile < patches * patches; ++tile) {
    const int source = order[static_cast<size_t>(tile)];
    for (int channel = 0; channel < shape.channels; ++channel) {
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          to[PixelIndex(shape, channel, tile / patches * height + y, tile % patches * width + x)] =
              from[PixelIndex(shape, channel, source / patches * height + y,
                              source % patches * width + x)];
        }
      }
    }
  }
}

void ShufflePixels(const ImageShape& shape, absl::Span<const float> from,
                   const std::vector<int>& order, absl::Span<float> to) {
  for (int channel = 0; channel < shape.channels; ++channel) {
    const size_t begin = PixelIndex(shape, channel, 0, 0);
    for (size_t i = 0; i < order.size(); ++i) {
      to[begin + i] = from[begin + static_cast<size_t>(order[i])];
    }
  }
}

void Occlude(const ImageShape& shape, absl::Span<const float> from, absl::Span<float> to) {
  const auto area = static_cast<size_t>(shape.height) * static_cast<size_t>(shape.width);
  for (int channel = 0; channel < shape.channels; ++channel) {
    const absl::Span<const float> plane = from.subspan(PixelIndex(shape, channel, 0, 0), area);
    const float mean = std::accumulate(plane.begin(), plane.end(), 0.0F) / static_cast<float>(area);
    for (int y = shape.height / 4; y < shape.height / 4 + shape.height / 2; ++y) {
      for (int x = shape.width / 4; x < shape.width / 4 + shape.width / 2; ++x) {
        to[PixelIndex(shape, channel, y, x)] = mean;
      }
    }
  }
}

}  // namespace

Destruction DestructionOf(absl::string_view name) {
  if (name == "patch-shuffle") return Destruction::kPatchShuffle;
  if (name == "pixel-shuffle") return Destruction::kPixelShuffle;
  if (name == "occlusion") return Destruction::kOcclusion;
  std::abort();
}

OwnedImages Destroy(const ImageBatch& images, Destruction how, int patches, Random rng) {
  OwnedImages destroyed(images.shape);
  const std::vector<int> order = how == Destruction::kPixelShuffle
                                     ? ShuffledRange(images.shape.height * images.shape.width, rng)
                                     : std::vector<int>();
  for (int i = 0; i < images.size(); ++i) {
    destroyed.Add(images.image(i));
    switch (how) {
      case Destruction::kPatchShuffle:
        ShufflePatches(images.shape, images.image(i), patches, &rng, destroyed.image(i));
        break;
      case Destruction::kPixelShuffle:
        ShufflePixels(images.shape, images.image(i), order, destroyed.image(i));
        break;
      case Destruction::kOcclusion:
        Occlude(images.shape, images.image(i), destroyed.image(i));
        break;
    }
  }
  return destroyed;
}

}  // namespace entrobench
