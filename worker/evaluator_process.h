// One evaluator child: started, spoken to over pipes, watched, and ended when it breaks a limit.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mutex.h"
#include "entrobench/v1/evaluator.pb.h"
#include "worker/attempt_limits.h"
#include "worker/frame_decoder.h"
#include "worker/last_words.h"

namespace entrobench {

// A thread of its own starts the child and does everything for it until it is gone, so the child's
// PR_SET_PDEATHSIG (which follows the thread that forked, not the process) fires exactly when the
// worker dies. The child runs in a process group of its own, with nothing open but its pipes, and
// is the kernel's first choice when memory runs out. Its standard output and error are kept as its
// last words.
//
// All members may be called from any thread; none blocks but the destructor, which waits for the
// child's death.
class EvaluatorProcess {
 public:
  struct Options {
    std::vector<std::string> command;  // program and arguments
    AttemptLimits::Options limits;
    absl::Duration poll_interval = absl::Milliseconds(200);  // of the resident size
    // Reading pauses while this many bytes of messages are not consumed; the child then blocks.
    size_t unconsumed_limit = 4u << 20;
  };

  // Called from the child's own thread. Must not destroy the process.
  class Listener {
   public:
    virtual ~Listener() = default;
    // The receiver calls Consumed(bytes) once the message no longer takes memory.
    virtual void OnMessage(v1::FromEvaluator message, size_t bytes) = 0;
    // The last call: the child is dead. "killed by signal 11 (SIGSEGV)", "exited with code 3",
    // "ended: 3.1 GiB resident, limit 2 GiB", "cannot start /x/evaluator: No such file or
    // directory", followed by its last words.
    virtual void OnExit(std::string how) = 0;
  };

  // The listener outlives the process.
  EvaluatorProcess(Options options, Listener* listener);
  ~EvaluatorProcess();  // Kill() and wait
  EvaluatorProcess(const EvaluatorProcess&) = delete;
  EvaluatorProcess& operator=(const EvaluatorProcess&) = delete;

  // One at a time: the next only after the AttemptEnd or InspectReply of the one before.
  // memory_bytes: resident size at which the child is ended; 0: any.
  void Run(const v1::RunAttempt& run, uint64_t memory_bytes);
  void Inspect(const v1::InspectData& inspect);

  // Asks the running attempt to stop; ends the child when it has not within the grace period.
  void Cancel();

  // Ends the child at once. `why` becomes OnExit's text unless the child was dying already.
  void Kill(std::string why);

  void Consumed(size_t bytes);

  uint64_t resident_bytes() const { return resident_bytes_.load(std::memory_order_relaxed); }
  pid_t pid() const { return pid_.load(std::memory_order_relaxed); }  // 0 before it is started

 private:
  struct Command {
    enum Kind { kRun, kInspect, kCancel, kKill } kind;
    std::string frame;  // to send
    uint64_t memory_bytes = 0;
    std::string why;
  };

  void Supervise();  // the thread
  absl::Status StartChild();
  // Each step of the loop; all on the thread.
  void TakeCommands();
  void WriteToChild();
  // False: nothing more can come. Of a living child it reads only what may be unconsumed; what a
  // dead one left is no more than a pipe holds.
  bool ReadMessages(bool to_the_end);
  void ReadOutput();
  void MeasureResident();
  void EndChild(std::string why);
  void Wake();
  void PostCommand(Command command) ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  Listener* const listener_;
  const int wake_;  // eventfd
  std::atomic<uint64_t> resident_bytes_{0};
  std::atomic<pid_t> pid_{0};
  std::atomic<size_t> unconsumed_{0};

  Mutex mutex_;
  std::deque<Command> commands_ ABSL_GUARDED_BY(mutex_);

  // The thread's own.
  int to_child_ = -1;
  int from_child_ = -1;
  int output_ = -1;
  std::string outgoing_;  // frames not yet in the pipe
  FrameDecoder decoder_;
  LastWords last_words_;
  std::unique_ptr<AttemptLimits> limits_;
  std::string why_ended_;  // set when we ended it

  std::thread thread_;
};

// "killed by signal 11 (SIGSEGV)", "exited with code 3": what waitpid's status means.
std::string DescribeWaitStatus(int status);

}  // namespace entrobench
