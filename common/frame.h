// Protobuf messages over a pair of file descriptors, each behind its length (4 bytes,
// little-endian). The pipe between a worker and its evaluator; it never touches standard output,
// which libraries write to.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "google/protobuf/message_lite.h"

namespace entrobench {

inline constexpr uint32_t kMaxFrameBytes = 64u << 20;

// Blocks. Reads one message. OutOfRange: the other side closed the pipe between two messages (a
// clean end). DataLoss: it closed inside one, or sent something that is no message. The descriptor
// stays the caller's.
absl::Status ReadFrame(int fd, google::protobuf::MessageLite* message);

// Blocks. Writes one message whole; not safe for two threads at once. Unavailable: the other side
// is gone (SIGPIPE must be ignored by the process).
absl::Status WriteFrame(int fd, const google::protobuf::MessageLite& message);

}  // namespace entrobench
