#include "evaluators/adaptation/corruptions/blur.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "evaluators/adaptation/corruptions/filters.h"

namespace entrobench {

// Convolution with a disk. The benchmark softens the disk's rim by a Gaussian; here each pixel of
// the rim counts by the share covered, so that the radius may grow by less than a pixel.
Image DefocusBlur(const Image& clean, int severity, Random) {
  constexpr double kRadius[] = {0.9, 1.3, 1.7, 2.2, 2.8};
  return Clip(Convolve(clean, DiskKernel(ScaledLength(kRadius[severity - 1], clean.shape))));
}

// Blurred a little, then pixels change places with ones close by, then blurred again. The benchmark
// exchanges every pixel at all severities, which at 28 x 28 is too much for the mild ones.
Image GlassBlur(const Image& clean, int severity, Random random) {
  struct Constants {
    double share;  // of the pixels that are exchanged
    int reach;     // the farthest exchange, in pixels along each axis
    int rounds;
  };
  constexpr Constants kConstants[] = {{0.2, 1, 1}, {0.4, 1, 1}, {0.8, 1, 1}, {1, 1, 2}, {1, 2, 2}};
  const Constants& k = kConstants[severity - 1];
  const double sigma = ScaledLength(0.5, clean.shape);
  const int reach = std::max(1, static_cast<int>(std::lround(ScaledLength(k.reach, clean.shape))));
  Image image = GaussianBlur(clean, sigma);
  for (int round = 0; round < k.rounds; ++round) {
    for (int y = clean.shape.height - 1 - reach; y >= reach; --y) {
      for (int x = clean.shape.width - 1 - reach; x >= reach; --x) {
        const int other_y = y + static_cast<int>(random.Between(-reach, reach));
        const int other_x = x + static_cast<int>(random.Between(-reach, reach));
        if (random.Uniform() >= k.share) continue;
        for (int c = 0; c < clean.shape.channels; ++c) {
          std::swap(image.at(c, y, x), image.at(c, other_y, other_x));
        }
      }
    }
  }
  return Clip(GaussianBlur(image, sigma));
}

// Half a Gaussian along a line within 45 degrees of the horizontal.
Image MotionBlur(const Image& clean, int severity, Random random) {
  struct Constants {
    double length, sigma;
  };
  constexpr Constants kConstants[] = {{3, 1}, {4, 1.6}, {5, 2.4}, {7, 3.4}, {9, 4.8}};
  const Constants& k = kConstants[severity - 1];
  const double angle = (random.Uniform() - 0.5) * std::numbers::pi / 2;
  return Clip(Convolve(clean, MotionKernel(ScaledLength(k.length, clean.shape),
                                           ScaledLength(k.sigma, clean.shape), angle)));
}

// The mean of the picture and of its enlargements in steps of 0.02 up to a largest one.
Image ZoomBlur(const Image& clean, int severity, Random) {
  constexpr int kSteps[] = {4, 8, 12, 18, 25};
  const int steps = kSteps[severity - 1];
  Image sum = clean;
  for (int step = 1; step <= steps; ++step) {
    const Image zoomed = ZoomIn(clean, 1 + 0.02 * step);
    for (size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += zoomed.values[i];
  }
  for (float& value : sum.values) value /= static_cast<float>(steps + 1);
  return Clip(std::move(sum));
}

}  // namespace entrobench
