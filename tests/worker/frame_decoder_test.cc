#include "worker/frame_decoder.h"

#include <unistd.h>

#include "common/frame.h"
#include "common/random.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

// The bytes that common/frame.h writes for these messages.
std::string Encode(const std::vector<v1::FromEvaluator>& messages) {
  std::string bytes;
  for (const v1::FromEvaluator& message : messages) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    EXPECT_TRUE(WriteFrame(ends[1], message).ok());
    close(ends[1]);
    char buffer[4096];
    const ssize_t n = read(ends[0], buffer, sizeof buffer);
    bytes.append(buffer, static_cast<size_t>(n));
    close(ends[0]);
  }
  return bytes;
}

TEST(FrameDecoder, GivesTheSameMessagesHoweverTheBytesAreCut) {
  std::vector<v1::FromEvaluator> messages;
  Random random(1, 0);
  for (uint64_t i = 0; i < 50; ++i) {
    v1::FromEvaluator message;
    message.mutable_sample()->set_sample_id(i);
    message.mutable_sample()->set_answer(std::string(random.Below(300), 'a'));
    messages.push_back(message);
  }
  const std::string bytes = Encode(messages);
  for (int round = 0; round < 20; ++round) {
    FrameDecoder decoder;
    std::vector<v1::FromEvaluator> decoded;
    size_t total = 0;
    for (size_t at = 0; at < bytes.size();) {
      const size_t size = std::min<size_t>(bytes.size() - at, 1 + random.Below(1 + round * 20));
      decoder.Append(absl::string_view(bytes).substr(at, size));
      at += size;
      for (;;) {
        auto frame = decoder.Next();
        ASSERT_TRUE(frame.ok());
        if (!frame->has_value()) break;
        decoded.push_back((*frame)->message);
        total += (*frame)->bytes;
      }
    }
    ASSERT_EQ(decoded.size(), messages.size());
    for (size_t i = 0; i < decoded.size(); ++i) {
      EXPECT_EQ(decoded[i].SerializeAsString(), messages[i].SerializeAsString());
    }
    EXPECT_EQ(total, bytes.size());
    EXPECT_FALSE(decoder.inside_message());
  }
}

TEST(FrameDecoder, RefusesWhatIsNoMessage) {
  FrameDecoder huge;
  huge.Append("\xff\xff\xff\xff");
  EXPECT_EQ(huge.Next().status().code(), absl::StatusCode::kDataLoss);
  FrameDecoder wrong;
  wrong.Append(absl::string_view("\x03\0\0\0\xff\xff\xff", 7));
  EXPECT_EQ(wrong.Next().status().code(), absl::StatusCode::kDataLoss);
  FrameDecoder empty;  // a message that says nothing
  empty.Append(absl::string_view("\0\0\0\0", 4));
  EXPECT_EQ(empty.Next().status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace entrobench
