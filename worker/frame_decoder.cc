#include "worker/frame_decoder.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/frame.h"

namespace entrobench {

absl::StatusOr<std::optional<FrameDecoder::Frame>> FrameDecoder::Next() {
  const absl::string_view rest = absl::string_view(buffer_).substr(begin_);
  uint32_t size = 0;
  if (rest.size() >= 4) {
    for (size_t i = 4; i-- > 0;) size = size << 8 | static_cast<unsigned char>(rest[i]);
    if (size > kMaxFrameBytes) {
      return absl::DataLossError(absl::StrCat("announced a message of ", size, " bytes; at most ",
                                              kMaxFrameBytes, " are allowed"));
    }
  }
  if (rest.size() < 4 || rest.size() - 4 < size) {
    buffer_.erase(0, begin_);
    begin_ = 0;
    return std::nullopt;
  }
  Frame frame;
  if (!frame.message.ParseFromArray(rest.data() + 4, static_cast<int>(size)) ||
      frame.message.kind_case() == v1::FromEvaluator::KIND_NOT_SET) {
    return absl::DataLossError("sent bytes that are no message");
  }
  frame.bytes = size + 4;
  begin_ += frame.bytes;
  return std::optional<Frame>(std::move(frame));
}

}  // namespace entrobench
