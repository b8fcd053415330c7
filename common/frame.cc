#include "common/frame.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace entrobench {
namespace {

// Number of bytes read before the end of the stream (== size unless it ended).
absl::StatusOr<size_t> ReadFully(int fd, char* data, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = read(fd, data + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, "cannot read from the pipe");
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

}  // namespace

absl::Status ReadFrame(int fd, google::protobuf::MessageLite* message) {
  unsigned char header[4];
  const auto header_read = ReadFully(fd, reinterpret_cast<char*>(header), sizeof header);
  if (!header_read.ok()) return header_read.status();
  if (*header_read == 0) return absl::OutOfRangeError("the pipe was closed");
  if (*header_read < sizeof header)
    return absl::DataLossError("the pipe was closed inside a message");
  const uint32_t size = static_cast<uint32_t>(header[0]) | static_cast<uint32_t>(header[1]) << 8 |
                        static_cast<uint32_t>(header[2]) << 16 |
                        static_cast<uint32_t>(header[3]) << 24;
  if (size > kMaxFrameBytes) {
    return absl::DataLossError(absl::StrCat("a message of ", size, " bytes on the pipe; at most ",
                                            kMaxFrameBytes, " are allowed"));
  }
  std::string body(size, '\0');
  const auto body_read = ReadFully(fd, body.data(), size);
  if (!body_read.ok()) return body_read.status();
  if (*body_read < size) return absl::DataLossError("the pipe was closed inside a message");
  if (!message->ParseFromString(body))
    return absl::DataLossError("bytes on the pipe are no message");
  return absl::OkStatus();
}

absl::Status WriteFrame(int fd, const google::protobuf::MessageLite& message) {
  std::string frame(4, '\0');
  if (!message.AppendToString(&frame)) return absl::InternalError("cannot serialise a message");
  const size_t size = frame.size() - 4;
  if (size > kMaxFrameBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a message of ", size, " bytes is too large for the pipe (", kMaxFrameBytes, ")"));
  }
  for (int i = 0; i < 4; ++i) frame[static_cast<size_t>(i)] = static_cast<char>(size >> (8 * i));
  size_t done = 0;
  while (done < frame.size()) {
    const ssize_t n = write(fd, frame.data() + done, frame.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE)
      return absl::UnavailableError("the other side of the pipe is gone");
    if (n < 0) return absl::ErrnoToStatus(errno, "cannot write to the pipe");
    done += static_cast<size_t>(n);
  }
  return absl::OkStatus();
}

}  // namespace entrobench
