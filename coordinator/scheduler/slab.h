// Many small records by index: 4 bytes to name one instead of a pointer's 8, and no allocation
// each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace entrobench {

using Index = uint32_t;
inline constexpr Index kNone = std::numeric_limits<Index>::max();

// Records never move, so references stay good until the record is freed.
template <typename T>
class Slab {
 public:
  // A fresh T{}.
  Index Allocate() {
    if (!free_.empty()) {
      const Index index = free_.back();
      free_.pop_back();
      (*this)[index] = T{};
      return index;
    }
    if (used_ % kChunk == 0) chunks_.push_back(std::make_unique<T[]>(kChunk));
    return used_++;
  }
  void Free(Index index) { free_.push_back(index); }

  T& operator[](Index index) { return chunks_[index / kChunk][index % kChunk]; }
  const T& operator[](Index index) const { return chunks_[index / kChunk][index % kChunk]; }

 private:
  static constexpr Index kChunk = 1024;
  std::vector<std::unique_ptr<T[]>> chunks_;
  std::vector<Index> free_;
  Index used_ = 0;
};

}  // namespace entrobench
