// Cuts the bytes that an evaluator sends into messages (the frames of common/frame.h), without ever
// waiting for the rest of one: an evaluator that hangs inside a message must not hang its worker.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "entrobench/v1/evaluator.pb.h"

namespace entrobench {

class FrameDecoder {
 public:
  struct Frame {
    v1::FromEvaluator message;
    size_t bytes = 0;  // on the pipe
  };

  void Append(absl::string_view bytes) { buffer_.append(bytes.data(), bytes.size()); }

  // The next whole message, or nothing while one is incomplete. DataLoss: what came is no message;
  // the stream cannot be read further.
  absl::StatusOr<std::optional<Frame>> Next();

  bool inside_message() const { return begin_ < buffer_.size(); }

 private:
  std::string buffer_;
  size_t begin_ = 0;  // what is before it was handed out
};

}  // namespace entrobench
