#include "evaluators/runtime/message_writer.h"

#include "absl/status/status.h"
#include "common/frame.h"
#include "common/logging.h"

namespace entrobench {

void MessageWriter::Write(const v1::FromEvaluator& message) {
  MutexLock lock(&mutex_);
  const absl::Status status = WriteFrame(fd_, message);
  if (!status.ok() && !absl::IsUnavailable(status)) {
    EB_LOG(ERROR) << "cannot tell the worker: " << status.message();
  }
}

}  // namespace entrobench
