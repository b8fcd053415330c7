#include "common/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>

#include "entrobench/v1/result.pb.h"

namespace entrobench {
namespace {

using testing::HasSubstr;

class FrameTest : public testing::Test {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(pipe(fds_), 0);
  }
  void TearDown() override {
    CloseReader();
    CloseWriter();
  }
  int reader() const { return fds_[0]; }
  int writer() const { return fds_[1]; }
  void CloseReader() { Close(0); }
  void CloseWriter() { Close(1); }
  void Write(const std::string& bytes) {
    ASSERT_EQ(write(writer(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

 private:
  void Close(int i) {
    if (fds_[i] >= 0) close(fds_[i]);
    fds_[i] = -1;
  }
  int fds_[2] = {-1, -1};
};

TEST_F(FrameTest, WhatIsWrittenIsRead) {
  v1::Point written;
  written.set_series("entropy");
  written.set_step(7);
  written.set_value(0.25);
  ASSERT_TRUE(WriteFrame(writer(), written).ok());
  ASSERT_TRUE(WriteFrame(writer(), v1::Point()).ok());  // an empty message is a frame too
  v1::Point read;
  ASSERT_TRUE(ReadFrame(reader(), &read).ok());
  EXPECT_EQ(read.SerializeAsString(), written.SerializeAsString());
  ASSERT_TRUE(ReadFrame(reader(), &read).ok());
  EXPECT_EQ(read.SerializeAsString(), "");
}

TEST_F(FrameTest, MessagesLargerThanThePipePass) {
  v1::Point written;
  written.set_series(std::string(3 << 20, 's'));
  std::thread other([&] { EXPECT_TRUE(WriteFrame(writer(), written).ok()); });
  v1::Point read;
  EXPECT_TRUE(ReadFrame(reader(), &read).ok());
  other.join();
  EXPECT_EQ(read.series().size(), written.series().size());
}

TEST_F(FrameTest, AnEndBetweenMessagesIsCleanAndOneInsideIsNot) {
  v1::Point point;
  point.set_series("x");
  CloseWriter();
  EXPECT_EQ(ReadFrame(reader(), &point).code(), absl::StatusCode::kOutOfRange);
}

TEST_F(FrameTest, ATornHeaderIsDataLoss) {
  Write(std::string("\x05\x00", 2));
  CloseWriter();
  v1::Point point;
  EXPECT_EQ(ReadFrame(reader(), &point).code(), absl::StatusCode::kDataLoss);
}

TEST_F(FrameTest, ATornBodyIsDataLoss) {
  Write(
      std::string("\x05\x00\x00\x00"
                  "ab",
                  6));
  CloseWriter();
  v1::Point point;
  EXPECT_EQ(ReadFrame(reader(), &point).code(), absl::StatusCode::kDataLoss);
}

TEST_F(FrameTest, ALengthBeyondTheLimitIsRefusedWithoutReadingOn) {
  Write("\xff\xff\xff\xff");
  v1::Point point;
  const absl::Status status = ReadFrame(reader(), &point);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("4294967295"));
}

TEST_F(FrameTest, BytesThatAreNoMessageAreDataLoss) {
  Write(std::string("\x02\x00\x00\x00\xff\xff", 6));
  v1::Point point;
  EXPECT_EQ(ReadFrame(reader(), &point).code(), absl::StatusCode::kDataLoss);
}

TEST_F(FrameTest, WritingToAClosedPipeSaysSo) {
  CloseReader();
  EXPECT_EQ(WriteFrame(writer(), v1::Point()).code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace entrobench
