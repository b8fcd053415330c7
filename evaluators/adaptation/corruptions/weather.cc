#include "evaluators/adaptation/corruptions/weather.h"

#include <algorithm>
#include <numbers>
#include <utility>

#include "evaluators/adaptation/corruptions/filters.h"
#include "evaluators/adaptation/corruptions/textures.h"

namespace entrobench {
namespace {

// Luminance with the weights of ITU-R BT.601; of a gray picture its one channel.
float Gray(const Image& image, int y, int x) {
  if (image.shape.channels == 1) return image.at(0, y, x);
  return 0.299F * image.at(0, y, x) + 0.587F * image.at(1, y, x) + 0.114F * image.at(2, y, x);
}

struct SnowConstants {
  double mean;  // of the noise: how much of it passes the threshold
  float keep;   // share of the picture that is not whitened
};

// Flakes: the noise above a threshold, enlarged and drawn out downwards. The benchmark also changes
// the enlargement and the length from severity to severity; here they stay, so that there is more
// snow at each, never other snow.
Image SnowLayer(const ImageShape& shape, const SnowConstants& k, Random& random) {
  constexpr double kDeviation = 0.3, kZoom = 1.6, kSigma = 1.4;
  constexpr float kThreshold = 0.45F;
  Image layer({1, shape.height, shape.width});
  for (float& value : layer.values) {
    value = static_cast<float>(k.mean + kDeviation * random.Normal());
  }
  layer = ZoomIn(layer, kZoom);
  for (float& value : layer.values) {
    if (value < kThreshold) value = 0;
  }
  const double angle = -std::numbers::pi * (0.25 + 0.5 * random.Uniform());  // -45 to -135 degrees
  const double sigma = ScaledLength(kSigma, shape);
  return Convolve(Clip(std::move(layer)), MotionKernel(3 * sigma, sigma, angle));
}

}  // namespace

// keep x + (1 - keep) max(x, 1.5 gray + 0.5) + flakes + flakes turned by 180 degrees, clipped.
Image Snow(const Image& clean, int severity, Random random) {
  constexpr SnowConstants kConstants[] = {
      {-0.06, 0.97F}, {-0.02, 0.96F}, {0.03, 0.94F}, {0.08, 0.92F}, {0.14, 0.90F}};
  const SnowConstants& k = kConstants[severity - 1];
  const Image layer = SnowLayer(clean.shape, k, random);
  Image image(clean.shape);
  const int height = clean.shape.height, width = clean.shape.width;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const float white = 1.5F * Gray(clean, y, x) + 0.5F;
      const float flakes = layer.at(0, y, x) + layer.at(0, height - 1 - y, width - 1 - x);
      for (int c = 0; c < clean.shape.channels; ++c) {
        const float value = clean.at(c, y, x);
        image.at(c, y, x) = k.keep * value + (1 - k.keep) * std::max(value, white) + flakes;
      }
    }
  }
  return Clip(std::move(image));
}

// keep x + amount frost, clipped. The benchmark cuts its frost from six photographs; here crystals
// are grown (textures.h), bluish where there is colour.
Image Frost(const Image& clean, int severity, Random random) {
  struct Constants {
    float keep, amount;
  };
  constexpr Constants kConstants[] = {
      {1.0F, 0.12F}, {0.97F, 0.18F}, {0.94F, 0.24F}, {0.9F, 0.31F}, {0.85F, 0.4F}};
  constexpr float kTint[] = {0.85F, 0.93F, 1.0F};
  const Constants& k = kConstants[severity - 1];
  const Image frost = FrostTexture(clean.shape.height, clean.shape.width, random);
  Image image(clean.shape);
  for (int c = 0; c < clean.shape.channels; ++c) {
    const float tint = clean.shape.channels == 1 ? 1.0F : kTint[c];
    for (int y = 0; y < clean.shape.height; ++y) {
      for (int x = 0; x < clean.shape.width; ++x) {
        image.at(c, y, x) = k.keep * clean.at(c, y, x) + k.amount * tint * frost.at(0, y, x);
      }
    }
  }
  return Clip(std::move(image));
}

// (x + c plasma) m / (m + c) with m the picture's largest value: the fog takes contrast away.
Image Fog(const Image& clean, int severity, Random random) {
  struct Constants {
    float thickness;
    double decay;  // of the plasma's detail from octave to octave; less is rougher
  };
  constexpr Constants kConstants[] = {
      {0.08F, 3}, {0.12F, 3}, {0.17F, 2.5}, {0.24F, 2}, {0.35F, 1.75}};
  const Constants& k = kConstants[severity - 1];
  const Image plasma = PlasmaTexture(clean.shape.height, clean.shape.width, k.decay, random);
  const float largest = *std::max_element(clean.values.begin(), clean.values.end());
  Image image(clean.shape);
  for (int c = 0; c < clean.shape.channels; ++c) {
    for (int y = 0; y < clean.shape.height; ++y) {
      for (int x = 0; x < clean.shape.width; ++x) {
        image.at(c, y, x) = (clean.at(c, y, x) + k.thickness * plasma.at(0, y, x)) * largest /
                            (largest + k.thickness);
      }
    }
  }
  return Clip(std::move(image));
}

// V + c, clipped, in hue, saturation and value; V is the largest channel. Red, green and blue keep
// their proportions, and a gray picture is x + c.
Image Brightness(const Image& clean, int severity, Random) {
  constexpr float kAdded[] = {0.04F, 0.06F, 0.08F, 0.11F, 0.15F};
  const float added = kAdded[severity - 1];
  Image image(clean.shape);
  for (int y = 0; y < clean.shape.height; ++y) {
    for (int x = 0; x < clean.shape.width; ++x) {
      float value = 0;
      for (int c = 0; c < clean.shape.channels; ++c) value = std::max(value, clean.at(c, y, x));
      const float brighter = std::min(value + added, 1.0F);
      for (int c = 0; c < clean.shape.channels; ++c) {
        // Black has no hue: it becomes gray.
        const float proportion = value > 0 ? clean.at(c, y, x) / value : 1.0F;
        image.at(c, y, x) = brighter * proportion;
      }
    }
  }
  return Clip(std::move(image));
}

}  // namespace entrobench
