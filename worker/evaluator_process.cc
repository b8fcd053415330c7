#include "worker/evaluator_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/file.h"

namespace entrobench {
namespace {

constexpr int kChildReads = 3;
constexpr int kChildWrites = 4;

void CloseIfOpen(int* fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

void SetNonBlocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

// Two ends of a pipe, close-on-exec; closed when it goes.
struct Pipe {
  int read_end = -1;
  int write_end = -1;
  bool Open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = ends[0];
    write_end = ends[1];
    return true;
  }
  ~Pipe() {
    CloseIfOpen(&read_end);
    CloseIfOpen(&write_end);
  }
};

int Release(int* fd) { return std::exchange(*fd, -1); }

// Between fork and exec, in a copy of a process with many threads: only calls that are
// async-signal-safe, no memory is allocated.
struct ChildSetup {
  char* const* arguments;
  pid_t parent;
  int reads;   // becomes descriptor 3
  int writes;  // becomes descriptor 4
  int output;  // becomes descriptors 1 and 2
  int null;    // becomes descriptor 0
  int report;  // where errno goes when exec fails
};

[[noreturn]] void BecomeEvaluator(const ChildSetup& setup) {
  const auto fail = [&setup](int error) {
    const ssize_t ignored = write(setup.report, &error, sizeof error);
    (void)ignored;
    _exit(127);
  };
  // The worker may have died before this line: then nobody would send the signal.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail(errno);
  if (getppid() != setup.parent) _exit(127);
  setpgid(0, 0);
  // The kernel shall take the evaluator, not its worker, when memory runs out.
  const int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score >= 0) {
    const ssize_t ignored = write(score, "500", 3);
    (void)ignored;
    close(score);
  }
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);

  // First out of the way of 0 to 4, then to their places.
  constexpr int kAbove = 10;
  const int reads = fcntl(setup.reads, F_DUPFD_CLOEXEC, kAbove);
  const int writes = fcntl(setup.writes, F_DUPFD_CLOEXEC, kAbove);
  const int output = fcntl(setup.output, F_DUPFD_CLOEXEC, kAbove);
  const int null = fcntl(setup.null, F_DUPFD_CLOEXEC, kAbove);
  const int report = fcntl(setup.report, F_DUPFD_CLOEXEC, kAbove);
  if (reads < 0 || writes < 0 || output < 0 || null < 0 || report < 0) fail(errno);
  if (dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0 ||
      dup2(reads, kChildReads) < 0 || dup2(writes, kChildWrites) < 0) {
    fail(errno);
  }
  // Whatever a library opened without close-on-exec stays here. An old kernel lacks the call: then
  // the libraries' own close-on-exec must do.
  (void)close_range(static_cast<unsigned>(kChildWrites) + 1, ~0u, CLOSE_RANGE_CLOEXEC);
  execv(setup.arguments[0], setup.arguments);
  const int error = errno;
  const ssize_t ignored = write(report, &error, sizeof error);
  (void)ignored;
  _exit(127);
}

std::string FrameOf(const v1::ToEvaluator& message) {
  const std::string body = message.SerializeAsString();
  std::string frame;
  for (int i = 0; i < 4; ++i) frame.push_back(static_cast<char>(body.size() >> (8 * i)));
  return frame + body;
}

}  // namespace

std::string DescribeWaitStatus(int status) {
  if (WIFEXITED(status)) return absl::StrCat("exited with code ", WEXITSTATUS(status));
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    const char* const abbreviation = sigabbrev_np(number);
    return absl::StrCat("killed by signal ", number,
                        abbreviation != nullptr ? absl::StrCat(" (SIG", abbreviation, ")") : "",
                        number == SIGKILL ? ", perhaps because the machine ran out of memory" : "");
  }
  return absl::StrCat("ended with status ", status);
}

EvaluatorProcess::EvaluatorProcess(Options options, Listener* listener)
    : options_(std::move(options)),
      listener_(listener),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Supervise(); }) {}

EvaluatorProcess::~EvaluatorProcess() {
  Kill("ended by its worker");
  thread_.join();
  close(wake_);
}

void EvaluatorProcess::Run(const v1::RunAttempt& run, uint64_t memory_bytes) {
  v1::ToEvaluator message;
  *message.mutable_run() = run;
  PostCommand(Command{Command::kRun, FrameOf(message), memory_bytes, ""});
}

void EvaluatorProcess::Inspect(const v1::InspectData& inspect) {
  v1::ToEvaluator message;
  *message.mutable_inspect() = inspect;
  PostCommand(Command{Command::kInspect, FrameOf(message), 0, ""});
}

void EvaluatorProcess::Cancel() {
  v1::ToEvaluator message;
  message.mutable_cancel();
  PostCommand(Command{Command::kCancel, FrameOf(message), 0, ""});
}

void EvaluatorProcess::Kill(std::string why) {
  PostCommand(Command{Command::kKill, "", 0, std::move(why)});
}

void EvaluatorProcess::Consumed(size_t bytes) {
  const size_t before = unconsumed_.fetch_sub(bytes);
  if (before >= options_.unconsumed_limit && before - bytes < options_.unconsumed_limit) Wake();
}

void EvaluatorProcess::PostCommand(Command command) {
  {
    MutexLock lock(&mutex_);
    commands_.push_back(std::move(command));
  }
  Wake();
}

void EvaluatorProcess::Wake() {
  const uint64_t one = 1;
  const ssize_t ignored = write(wake_, &one, sizeof one);
  (void)ignored;
}

void EvaluatorProcess::Supervise() {
  const absl::Status started = StartChild();
  if (!started.ok()) {
    listener_->OnExit(std::string(started.message()));
    return;
  }
  limits_ = std::make_unique<AttemptLimits>(options_.limits, absl::Now());
  absl::Time measure_next = absl::Now();
  bool channel_open = true;
  int status = 0;
  for (;;) {
    const bool paused = unconsumed_.load() >= options_.unconsumed_limit;
    pollfd fds[4] = {{wake_, POLLIN, 0},
                     {output_, POLLIN, 0},
                     {channel_open && !paused ? from_child_ : -1, POLLIN, 0},
                     {outgoing_.empty() ? -1 : to_child_, POLLOUT, 0}};
    const absl::Time now = absl::Now();
    const absl::Time next = std::min(measure_next, limits_->NextDeadline());
    const int64_t wait = std::clamp<int64_t>(absl::ToInt64Milliseconds(next - now) + 1, 0, 1000);
    poll(fds, 4, static_cast<int>(wait));

    uint64_t count = 0;
    const ssize_t ignored = read(wake_, &count, sizeof count);
    (void)ignored;
    TakeCommands();
    if (!outgoing_.empty()) WriteToChild();
    if (output_ >= 0 && fds[1].revents != 0) ReadOutput();
    if (fds[2].revents != 0) channel_open = ReadMessages(/*to_the_end=*/false);
    if (!channel_open && why_ended_.empty()) {
      // A child that dies closes its pipe too: then its status says more.
      pid_t dead = 0;
      for (int i = 0; i < 20 && dead == 0; ++i) {
        dead = waitpid(pid_, &status, WNOHANG);
        if (dead == 0) poll(nullptr, 0, 5);
      }
      if (dead != 0) break;
      EndChild("ended: closed its pipe while it went on");
    }
    if (paused) limits_->Progressed(now);  // it waits for us
    if (absl::Now() >= measure_next) {
      MeasureResident();
      measure_next = absl::Now() + options_.poll_interval;
    }
    const std::string breach = limits_->Breach(resident_bytes_, absl::Now());
    if (!breach.empty()) EndChild(breach);
    if (waitpid(pid_, &status, WNOHANG) != 0) break;
  }
  kill(-pid_, SIGKILL);  // what it may have started
  resident_bytes_ = 0;
  if (channel_open) ReadMessages(/*to_the_end=*/true);
  ReadOutput();
  CloseIfOpen(&to_child_);
  CloseIfOpen(&from_child_);
  CloseIfOpen(&output_);
  std::string how = why_ended_.empty() ? DescribeWaitStatus(status) : why_ended_;
  const std::string words = last_words_.Text();
  if (!words.empty()) absl::StrAppend(&how, "; its last words:\n", words);
  listener_->OnExit(std::move(how));
}

absl::Status EvaluatorProcess::StartChild() {
  std::vector<std::string> command = options_.command;
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  Pipe to_child, from_child, output, report;
  if (!to_child.Open() || !from_child.Open() || !output.Open() || !report.Open()) {
    return absl::ErrnoToStatus(errno, "cannot start an evaluator: no pipe");
  }
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const ChildSetup setup{arguments.data(), getpid(), to_child.read_end, from_child.write_end,
                         output.write_end, null,     report.write_end};
  const pid_t pid = fork();
  if (pid == 0) BecomeEvaluator(setup);
  const int fork_error = errno;
  CloseIfOpen(&null);
  if (pid < 0) return absl::ErrnoToStatus(fork_error, "cannot start an evaluator");
  CloseIfOpen(&report.write_end);
  int exec_error = 0;
  ssize_t got;
  do {
    got = read(report.read_end, &exec_error, sizeof exec_error);
  } while (got < 0 && errno == EINTR);
  if (got == sizeof exec_error) {
    waitpid(pid, nullptr, 0);
    return absl::ErrnoToStatus(exec_error, absl::StrCat("cannot start ", options_.command.front()));
  }
  pid_ = pid;
  to_child_ = Release(&to_child.write_end);
  from_child_ = Release(&from_child.read_end);
  output_ = Release(&output.read_end);
  SetNonBlocking(to_child_);
  SetNonBlocking(from_child_);
  SetNonBlocking(output_);
  return absl::OkStatus();
}

void EvaluatorProcess::TakeCommands() {
  std::deque<Command> commands;
  {
    MutexLock lock(&mutex_);
    commands.swap(commands_);
  }
  for (Command& command : commands) {
    switch (command.kind) {
      case Command::kRun:
      case Command::kInspect:
        limits_->Started(command.memory_bytes, absl::Now());
        break;
      case Command::kCancel:
        limits_->Cancelled(absl::Now());
        break;
      case Command::kKill:
        EndChild(std::move(command.why));
        break;
    }
    outgoing_ += command.frame;
  }
}

void EvaluatorProcess::WriteToChild() {
  size_t done = 0;
  while (done < outgoing_.size()) {
    const ssize_t n = write(to_child_, outgoing_.data() + done, outgoing_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) {  // it is dead or has closed the pipe: the other pipe will tell
      done = outgoing_.size();
      break;
    }
    done += static_cast<size_t>(n);
  }
  outgoing_.erase(0, done);
}

bool EvaluatorProcess::ReadMessages(bool to_the_end) {
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = read(from_child_, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return true;
    if (n <= 0) return false;
    decoder_.Append(absl::string_view(buffer, static_cast<size_t>(n)));
    for (;;) {
      auto frame = decoder_.Next();
      if (!frame.ok()) {
        EndChild(absl::StrCat("ended: ", frame.status().message()));
        return false;
      }
      if (!frame->has_value()) break;
      v1::FromEvaluator& message = (*frame)->message;
      if (message.has_hello()) {
        limits_->Greeted();
      } else if (message.has_end() || message.has_inspect_reply()) {
        limits_->Finished();
      } else {
        limits_->Progressed(absl::Now());
      }
      unconsumed_ += (*frame)->bytes;
      listener_->OnMessage(std::move(message), (*frame)->bytes);
    }
    if (!to_the_end && unconsumed_.load() >= options_.unconsumed_limit) return true;
  }
}

void EvaluatorProcess::ReadOutput() {
  char buffer[1 << 14];
  for (;;) {
    const ssize_t n = read(output_, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) break;
    last_words_.Append(absl::string_view(buffer, static_cast<size_t>(n)));
  }
  CloseIfOpen(&output_);
}

void EvaluatorProcess::MeasureResident() {
  // Fields of statm: total, resident, ... in pages.
  const auto statm = ReadFile(absl::StrCat("/proc/", pid_.load(), "/statm"));
  if (!statm.ok()) return;
  const std::vector<absl::string_view> fields = absl::StrSplit(*statm, ' ');
  uint64_t pages = 0;
  if (fields.size() < 2 || !absl::SimpleAtoi(fields[1], &pages)) return;
  resident_bytes_ = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

void EvaluatorProcess::EndChild(std::string why) {
  if (!why_ended_.empty()) return;
  why_ended_ = std::move(why);
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);  // when it has no group of its own yet
}

}  // namespace entrobench
