#include "cli/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace entrobench::cli {
namespace {

struct ChildSetup {
  char* const* arguments;
  int log;
  int null;
  int output;  // -1: to the log
  bool detached;
  pid_t parent;
};

// Between fork and exec: only calls that are safe after a fork in a process with threads.
[[noreturn]] void BecomeChild(const ChildSetup& setup) {
  if (setup.detached) {
    setsid();
  } else {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != setup.parent) _exit(127);  // it died before we asked to hear of that
  }
  dup2(setup.null, STDIN_FILENO);
  dup2(setup.output >= 0 ? setup.output : setup.log, STDOUT_FILENO);
  dup2(setup.log, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  execv(setup.arguments[0], setup.arguments);
  _exit(127);
}

}  // namespace

// The system call itself: glibc 2.36 declares pidfd_open without C linkage.
int OpenProcessDescriptor(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const Options& options) {
  const std::string& program = options.command[0];
  if (access(program.c_str(), X_OK) != 0) {
    return absl::NotFoundError(
        absl::StrCat("there is no program ", program, "; build it, or reinstall Entrobench"));
  }
  const int log = open(options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", options.log));
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  int pipe_ends[2] = {-1, -1};
  if (options.pipe_output && pipe2(pipe_ends, O_CLOEXEC) != 0) {
    const int error = errno;
    close(log);
    close(null);
    return absl::ErrnoToStatus(error, "cannot make a pipe");
  }
  std::vector<char*> arguments;
  for (const std::string& argument : options.command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const ChildSetup setup = {arguments.data(), log, null, pipe_ends[1], options.detached, getpid()};

  // _Fork, not fork: gRPC's handlers at fork are for children that go on using gRPC; ours becomes
  // another program.
  const pid_t pid = _Fork();
  if (pid == 0) BecomeChild(setup);
  const int error = errno;
  close(log);
  close(null);
  if (pipe_ends[1] >= 0) close(pipe_ends[1]);
  if (pid < 0) {
    if (pipe_ends[0] >= 0) close(pipe_ends[0]);
    return absl::ErrnoToStatus(error, absl::StrCat("cannot start ", program));
  }
  const int exit = OpenProcessDescriptor(pid);
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, exit, pipe_ends[0], options.detached));
}

ChildProcess::~ChildProcess() {
  if (!detached_ && !Ended()) {
    Signal(SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  CloseOutput();
  close(exit_);
}

void ChildProcess::CloseOutput() {
  if (output_ >= 0) close(output_);
  output_ = -1;
}

void ChildProcess::Signal(int number) {
  if (!ended_) kill(pid_, number);
}

std::optional<std::string> ChildProcess::Ended() {
  int status = 0;
  if (!ended_ && waitpid(pid_, &status, WNOHANG) == pid_) {
    ended_ = WIFSIGNALED(status)
                 ? absl::StrCat("signal ", WTERMSIG(status), " (", strsignal(WTERMSIG(status)), ")")
                 : absl::StrCat("exit code ", WEXITSTATUS(status));
  }
  return ended_;
}

}  // namespace entrobench::cli
