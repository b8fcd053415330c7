// The evaluator's side of the pipe to its worker: one message at a time, from any thread.
#pragma once

#include "common/mutex.h"
#include "entrobench/v1/evaluator.pb.h"

namespace entrobench {

class MessageWriter {
 public:
  explicit MessageWriter(int fd) : fd_(fd) {}  // the descriptor stays the caller's
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;

  // Blocks while the pipe is full. When the worker is gone the message is dropped: the reader
  // thread ends the process then. A message too large for the pipe is reported on standard error
  // and dropped.
  void Write(const v1::FromEvaluator& message) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const int fd_;
  Mutex mutex_;  // held for the length of a write, so that frames never mix
};

}  // namespace entrobench
