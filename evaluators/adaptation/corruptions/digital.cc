#include "evaluators/adaptation/corruptions/digital.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "evaluators/adaptation/corruptions/filters.h"
#include "evaluators/adaptation/corruptions/jpeg.h"

namespace entrobench {
namespace {

// One coordinate's displacement at each pixel: white noise smoothed over `sigma` pixels and scaled
// to a standard deviation of `deviation` pixels.
Image DisplacementField(const ImageShape& shape, double sigma, double deviation, Random& random) {
  Image field({1, shape.height, shape.width});
  for (float& value : field.values) value = static_cast<float>(random.Normal());
  field = GaussianBlur(field, sigma);
  // A Gaussian filter leaves 1 / (2 sigma sqrt(pi)) of unit white noise.
  const double scale = deviation * 2 * sigma * std::sqrt(std::numbers::pi);
  for (float& value : field.values) value *= static_cast<float>(scale);
  return field;
}

// The share of [low, high) that lies in pixel `i`, which is [i, i + 1).
double Overlap(double low, double high, int i) {
  return std::max(0.0, std::min(high, i + 1.0) - std::max(low, static_cast<double>(i)));
}

// The mean over the rectangle [top, bottom) x [left, right).
float BoxMean(const Image& image, int channel, double top, double bottom, double left,
              double right) {
  double sum = 0, area = 0;
  for (int y = static_cast<int>(top); y < std::min<double>(bottom, image.shape.height); ++y) {
    const double rows = Overlap(top, bottom, y);
    for (int x = static_cast<int>(left); x < std::min<double>(right, image.shape.width); ++x) {
      const double weight = rows * Overlap(left, right, x);
      sum += weight * static_cast<double>(image.at(channel, y, x));
      area += weight;
    }
  }
  return static_cast<float>(sum / area);
}

}  // namespace

// m + c (x - m), clipped, with m the mean of the channel.
Image Contrast(const Image& clean, int severity, Random) {
  constexpr float kFactor[] = {0.9F, 0.8F, 0.7F, 0.6F, 0.5F};
  const float factor = kFactor[severity - 1];
  Image image(clean.shape);
  const size_t pixels = clean.values.size() / static_cast<size_t>(clean.shape.channels);
  for (size_t begin = 0; begin < clean.values.size(); begin += pixels) {
    double sum = 0;
    for (size_t i = begin; i < begin + pixels; ++i) sum += static_cast<double>(clean.values[i]);
    const float mean = static_cast<float>(sum / static_cast<double>(pixels));
    for (size_t i = begin; i < begin + pixels; ++i) {
      image.values[i] = mean + factor * (clean.values[i] - mean);
    }
  }
  return Clip(std::move(image));
}

// A random affine map, then a smooth random displacement. The benchmark gives the displacement by
// its amplitude before smoothing; here it is the standard deviation in pixels after it, and the map
// comes from the shifts of three corners of a centred square a third of the picture wide, as there.
Image ElasticTransform(const Image& clean, int severity, Random random) {
  struct Constants {
    double displacement, smooth, affine;  // pixels
  };
  constexpr Constants kConstants[] = {
      {0.3, 3, 0.5}, {0.5, 3, 0.7}, {0.75, 3, 0.9}, {1.0, 3, 1.2}, {1.3, 3, 1.5}};
  const Constants& k = kConstants[severity - 1];
  const ImageShape& shape = clean.shape;
  const double corner = ScaledLength(k.affine, shape);
  const auto shift = [&] { return corner * (2 * random.Uniform() - 1); };
  // Shifts of the square's corners (+,+), (+,-) and (-,-) at `arm` pixels from the centre.
  const double y1 = shift(), x1 = shift(), y2 = shift(), x2 = shift(), y3 = shift(), x3 = shift();
  const double arm = shape.width / 3.0;
  const double smooth = ScaledLength(k.smooth, shape);
  const double displacement = ScaledLength(k.displacement, shape);
  const Image move_y = DisplacementField(shape, smooth, displacement, random);
  const Image move_x = DisplacementField(shape, smooth, displacement, random);
  const double middle_y = (shape.height - 1) / 2.0, middle_x = (shape.width - 1) / 2.0;
  Image image(shape);
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      // The corners are y = +-arm, x = +-arm: a = 1 at the first, b = 1 at the third, both 0 at
      // the second; the map's shift is linear in them.
      const double a = ((x - middle_x) / arm + 1) / 2;
      const double b = (1 - (y - middle_y) / arm) / 2;
      const double from_y =
          y + y2 + a * (y1 - y2) + b * (y3 - y2) + static_cast<double>(move_y.at(0, y, x));
      const double from_x =
          x + x2 + a * (x1 - x2) + b * (x3 - x2) + static_cast<double>(move_x.at(0, y, x));
      for (int c = 0; c < shape.channels; ++c) {
        image.at(c, y, x) = SampleAt(clean, c, from_y, from_x);
      }
    }
  }
  return Clip(std::move(image));
}

// Shrunk to a share c of its side by the mean of each box, then enlarged again to squares.
Image Pixelate(const Image& clean, int severity, Random) {
  constexpr double kShare[] = {0.86, 0.72, 0.5, 0.36, 0.25};
  const double share = kShare[severity - 1];
  const ImageShape& shape = clean.shape;
  const ImageShape coarse = {shape.channels, static_cast<int>(shape.height * share),
                             static_cast<int>(shape.width * share)};
  const double box_y = static_cast<double>(shape.height) / coarse.height;
  const double box_x = static_cast<double>(shape.width) / coarse.width;
  Image small(coarse);
  for (int c = 0; c < coarse.channels; ++c) {
    for (int y = 0; y < coarse.height; ++y) {
      for (int x = 0; x < coarse.width; ++x) {
        small.at(c, y, x) =
            BoxMean(clean, c, y * box_y, (y + 1) * box_y, x * box_x, (x + 1) * box_x);
      }
    }
  }
  Image image(shape);
  for (int c = 0; c < shape.channels; ++c) {
    for (int y = 0; y < shape.height; ++y) {
      const int small_y = std::min(static_cast<int>((y + 0.5) / box_y), coarse.height - 1);
      for (int x = 0; x < shape.width; ++x) {
        const int small_x = std::min(static_cast<int>((x + 0.5) / box_x), coarse.width - 1);
        image.at(c, y, x) = small.at(c, small_y, small_x);
      }
    }
  }
  return Clip(std::move(image));
}

// There and back through a JPEG file. ImageNet-C's qualities are 25 to 7; so few blocks of 8 x 8
// bear worse ones.
Image JpegCompression(const Image& clean, int severity, Random) {
  constexpr int kQuality[] = {20, 9, 5, 3, 1};
  return ThroughJpeg(clean, kQuality[severity - 1]);
}

}  // namespace entrobench
