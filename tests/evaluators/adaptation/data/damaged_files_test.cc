// Whatever the bytes, a reader answers: with an error, or with data that is consistent in itself.
#include <gtest/gtest.h>

#include <functional>

#include "common/random.h"
#include "evaluators/adaptation/data/data_file.h"
#include "evaluators/adaptation/data/idx.h"
#include "evaluators/adaptation/data/npy.h"
#include "evaluators/adaptation/data/picture.h"
#include "tests/common/scratch_folder.h"
#include "tests/evaluators/adaptation/data/files.h"

namespace entrobench {
namespace {

// A few bytes changed, taken out or put in, mostly near the beginning, where headers are.
std::string Damaged(std::string bytes, Random& random) {
  for (uint64_t changes = 1 + random.Below(4); changes > 0 && !bytes.empty(); --changes) {
    const uint64_t reach = random.Below(2) == 0 ? std::min<size_t>(bytes.size(), 64) : bytes.size();
    const size_t at = random.Below(reach);
    switch (random.Below(4)) {
      case 0:
        bytes[at] = static_cast<char>(random.Below(256));
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Below(8)));
        break;
      case 2:
        bytes.erase(at, 1 + random.Below(8));
        break;
      default:
        bytes.insert(at, 1 + random.Below(8), static_cast<char>(random.Below(256)));
    }
  }
  return bytes;
}

// Returns how many of the damaged files were refused.
int Refused(const std::string& good, const std::function<bool(const std::string&)>& reads) {
  EXPECT_TRUE(reads(good));
  int refused = 0;
  for (uint64_t i = 0; i < 500; ++i) {
    Random random(1, i);
    refused += reads(Damaged(good, random)) ? 0 : 1;
  }
  return refused;
}

TEST(DamagedFiles, Idx) {
  EXPECT_GT(Refused(IdxBytes({4, 5, 6}, std::string(120, 'x')),
                    [](const std::string& bytes) {
                      const auto array = ParseIdx(bytes, "file");
                      if (!array.ok()) return false;
                      int64_t elements = 1;
                      for (const int64_t side : array->shape) elements *= side;
                      EXPECT_EQ(static_cast<size_t>(elements), array->bytes.size());
                      return true;
                    }),
            250);
}

TEST(DamagedFiles, NpyHeader) {
  EXPECT_GT(Refused(NpyBytes("|u1", {10, 2, 2, 3}, std::string(120, 'x')),
                    [](const std::string& bytes) {
                      const auto header = ParseNpyHeader(bytes, "file");
                      if (!header.ok()) return false;
                      EXPECT_GE(header->rows(), 1);
                      EXPECT_GE(header->row_bytes(), 1U);
                      EXPECT_LE(header->data_begins, bytes.size());
                      return true;
                    }),
            250);
}

TEST(DamagedFiles, NpyLabels) {
  const ScratchFolder folder;
  EXPECT_GT(Refused(NpyBytes("<i4", {20}, std::string(80, '\0')),
                    [&](const std::string& bytes) {
                      WriteBytes(folder / "labels.npy", bytes);
                      return ReadNpyLabels(folder / "labels.npy").ok();
                    }),
            250);
}

TEST(DamagedFiles, Gzip) {
  const ScratchFolder folder;
  std::string plain;
  for (int i = 0; i < 2000; ++i) absl::StrAppend(&plain, i * i);
  // The header's time and system are no part of the data: a change there is rightly passed over.
  EXPECT_GT(Refused(GzipBytes(plain, folder / "packed"),
                    [&](const std::string& bytes) {
                      const auto unpacked = Gunzip(bytes, "file", 1 << 20);
                      if (unpacked.ok()) {
                        EXPECT_EQ(*unpacked, plain);
                      }
                      return unpacked.ok();
                    }),
            250);
}

TEST(DamagedFiles, Pictures) {
  std::string pixels;
  Random random(2, 0);
  for (int i = 0; i < 3 * 16 * 16; ++i) pixels.push_back(static_cast<char>(random.Below(256)));
  for (const std::string& good : {PngBytes(16, 16, pixels), JpegBytes(16, 16, pixels)}) {
    EXPECT_GT(Refused(good,
                      [](const std::string& bytes) {
                        const auto image = DecodePicture(bytes, "file");
                        if (!image.ok()) return false;
                        EXPECT_EQ(image->values.size(), image->shape.values());
                        return true;
                      }),
              50);
  }
}

}  // namespace
}  // namespace entrobench
