#include "cli/supervisor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/client.h"
#include "cli/format.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace entrobench::cli {
namespace {

constexpr absl::Duration kLongestStart =
    absl::Minutes(2);  // a large database is checked and its leases reopened
constexpr absl::Duration kLongestConnect = absl::Seconds(60);
constexpr absl::Duration kAskAgain = absl::Milliseconds(100);
constexpr absl::Duration kLongestStop = absl::Seconds(30);
constexpr absl::Duration kFirstDelay = absl::Milliseconds(500);
constexpr absl::Duration kLongestDelay = absl::Seconds(30);
constexpr absl::Duration kStable = absl::Minutes(1);

// The end of a log, for when a part would not start.
std::string LastLines(const std::string& path, size_t count) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return "";
  std::vector<std::string> lines = absl::StrSplit(*text, '\n', absl::SkipWhitespace());
  if (lines.size() > count) lines.erase(lines.begin(), lines.end() - static_cast<long>(count));
  return absl::StrJoin(lines, "\n");
}

}  // namespace

absl::Duration RestartDelay::Next(absl::Duration ran) {
  if (ran >= kStable) next_ = kFirstDelay;
  const absl::Duration delay = next_;
  next_ = std::min(2 * next_, kLongestDelay);
  return delay;
}

Supervisor::Supervisor(Context& context, Options options)
    : context_(context),
      options_(std::move(options)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      listen_(&context.interrupt, [fd = wake_] {
        const uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = write(fd, &one, sizeof one);
      }) {}

Supervisor::~Supervisor() {
  parts_.clear();
  close(wake_);
}

Supervisor::Part Supervisor::CoordinatorPart(const std::string& listen) const {
  Part part;
  part.name = "coordinator";
  part.is_coordinator = true;
  part.log = absl::StrCat(options_.data_folder, "/logs/coordinator.log");
  part.command = {absl::StrCat(context_.binaries, "/entrobench-coordinator"),
                  "--data-dir",
                  options_.data_folder,
                  "--listen",
                  listen,
                  "--log-level",
                  "warning"};
  if (!options_.models_folder.empty())
    part.command.insert(part.command.end(), {"--models-dir", options_.models_folder});
  return part;
}

Supervisor::Part Supervisor::WorkerPart(int number) const {
  Part part;
  part.name = absl::StrCat("worker local-", number);
  part.log = absl::StrCat(options_.data_folder, "/logs/worker-", number, ".log");
  part.command = {absl::StrCat(context_.binaries, "/entrobench-worker"),
                  "--coordinator",
                  address_,
                  "--dir",
                  absl::StrCat(options_.data_folder, "/worker-", number),
                  "--name",
                  absl::StrCat("local-", number),
                  "--artifact-dir",
                  absl::StrCat(options_.data_folder, "/artifacts")};
  if (options_.workers > 1) {  // they share this machine
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    part.command.insert(part.command.end(),
                        {"--cores", absl::StrCat(std::max(1, cores / options_.workers))});
  }
  return part;
}

absl::Status Supervisor::Launch(Part& part) {
  ChildProcess::Options options;
  options.command = part.command;
  options.log = part.log;
  options.pipe_output = part.is_coordinator;
  EB_ASSIGN_OR_RETURN(part.child, ChildProcess::Start(options));
  part.started = context_.now();
  return absl::OkStatus();
}

absl::StatusOr<std::string> Supervisor::AwaitReady(Part& coordinator) {
  const absl::Time deadline = absl::Now() + kLongestStart;
  std::string output;
  while (absl::Now() < deadline) {
    pollfd descriptors[] = {{wake_, POLLIN, 0}, {coordinator.child->output(), POLLIN, 0}};
    poll(descriptors, 2, static_cast<int>(absl::ToInt64Milliseconds(deadline - absl::Now())));
    if (context_.interrupt.fired() > 0) return absl::CancelledError("Interrupted.");
    char buffer[512];
    const ssize_t n = read(coordinator.child->output(), buffer, sizeof buffer);
    if (n <= 0) break;  // it ended
    output.append(buffer, static_cast<size_t>(n));
    if (const size_t end = output.find('\n'); end != std::string::npos) {
      absl::string_view line = absl::string_view(output).substr(0, end);
      if (absl::ConsumePrefix(&line, "READY "))
        return std::string(absl::StripAsciiWhitespace(line));
      break;
    }
  }
  std::string words = LastLines(coordinator.log, 5);
  return absl::FailedPreconditionError(absl::StrCat("the coordinator did not start",
                                                    words.empty() ? "" : ":\n", words,
                                                    "\nIts log: ", coordinator.log));
}

absl::Status Supervisor::Start() {
  EB_RETURN_IF_ERROR(MakeDirectories(absl::StrCat(options_.data_folder, "/logs")));
  Part coordinator = CoordinatorPart(absl::StrCat("127.0.0.1:", options_.port));
  EB_RETURN_IF_ERROR(Launch(coordinator));
  EB_ASSIGN_OR_RETURN(address_, AwaitReady(coordinator));
  coordinator.command =
      CoordinatorPart(address_).command;  // the same port when it is started again
  parts_.push_back(std::move(coordinator));
  for (int number = 1; number <= options_.workers; ++number) {
    Part worker = WorkerPart(number);
    EB_RETURN_IF_ERROR(MakeDirectories(absl::StrCat(options_.data_folder, "/worker-", number)));
    EB_RETURN_IF_ERROR(Launch(worker));
    parts_.push_back(std::move(worker));
  }
  Client client({address_, ""}, &context_.interrupt);
  const absl::Time deadline = absl::Now() + kLongestConnect;
  while (interrupts() == 0) {
    const absl::StatusOr<v1::Server> server = client.GetServer();
    if (server.ok() && server->workers() >= static_cast<uint64_t>(options_.workers))
      return absl::OkStatus();
    if (absl::Now() > deadline) {
      context_.err << "The worker has not connected yet; its log: " << parts_.back().log << '\n'
                   << std::flush;
      return absl::OkStatus();
    }
    Poll(kAskAgain);
    RestartEnded();
  }
  return absl::CancelledError("Interrupted.");
}

void Supervisor::Poll(absl::Duration longest) {
  std::vector<pollfd> descriptors = {{wake_, POLLIN, 0}};
  for (const Part& part : parts_) {
    if (part.child == nullptr) continue;
    descriptors.push_back({part.child->exit_descriptor(), POLLIN, 0});
    if (part.child->output() >= 0) descriptors.push_back({part.child->output(), POLLIN, 0});
  }
  const int64_t timeout =
      longest == absl::InfiniteDuration()
          ? -1
          : absl::ToInt64Milliseconds(absl::Ceil(longest, absl::Milliseconds(1)));
  if (poll(descriptors.data(), descriptors.size(), static_cast<int>(timeout)) <= 0) return;
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = read(wake_, &count, sizeof count);
  for (const Part& part : parts_) {
    if (part.child == nullptr || part.child->output() < 0) continue;
    for (const pollfd& descriptor : descriptors) {
      if (descriptor.fd != part.child->output() || descriptor.revents == 0) continue;
      char buffer[4096];
      if (read(descriptor.fd, buffer, sizeof buffer) <= 0) part.child->CloseOutput();
      break;
    }
  }
}

void Supervisor::RestartEnded() {
  const absl::Time now = context_.now();
  for (Part& part : parts_) {
    if (part.child != nullptr) {
      const std::optional<std::string> how = part.child->Ended();
      if (!how) continue;
      const absl::Duration delay = part.delay.Next(now - part.started);
      context_.err << context_.err_terminal.Paint(Style::kWarning,
                                                  absl::StrCat("The ", part.name, " ended: ", *how))
                   << ". Starting it again in " << FormatTimeSpan(delay)
                   << "; its log: " << part.log << '\n'
                   << std::flush;
      part.child.reset();
      part.start_at = now + delay;
    } else if (part.start_at <= now) {
      if (const absl::Status status = Launch(part); !status.ok()) {
        context_.err << status.message() << '\n' << std::flush;
        part.start_at = now + part.delay.Next(absl::ZeroDuration());
      }
    }
  }
}

void Supervisor::Run() {
  while (interrupts() == 0) {
    absl::Duration longest = absl::InfiniteDuration();
    for (const Part& part : parts_) {
      if (part.child == nullptr)
        longest = std::min(longest, std::max(part.start_at - context_.now(), absl::ZeroDuration()));
    }
    Poll(longest);
    if (interrupts() == 0) RestartEnded();
  }
}

void Supervisor::EndParts(bool coordinator) {
  const auto running = [&](Part& part) {
    return part.is_coordinator == coordinator && part.child != nullptr && !part.child->Ended();
  };
  for (Part& part : parts_) {
    if (running(part)) part.child->Signal(SIGTERM);
  }
  const absl::Time deadline = absl::Now() + kLongestStop;
  while (std::any_of(parts_.begin(), parts_.end(), running)) {
    const absl::Duration left = deadline - absl::Now();
    if (interrupts() > 1 || left <= absl::ZeroDuration()) {
      for (Part& part : parts_) part.child.reset();  // kills them all
      return;
    }
    Poll(left);
    for (Part& part : parts_) {
      if (part.child != nullptr && part.child->Ended()) part.child.reset();
    }
  }
}

void Supervisor::Stop() {
  EndParts(/*coordinator=*/false);
  EndParts(/*coordinator=*/true);
}

int Supervisor::interrupts() { return context_.interrupt.fired(); }

}  // namespace entrobench::cli
