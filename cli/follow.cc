#include "cli/follow.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/exit_codes.h"
#include "cli/format.h"
#include "cli/progress.h"
#include "cli/reference.h"

namespace entrobench::cli {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(250);
constexpr absl::Duration kLongestPause = absl::Seconds(5);

std::string Note(const v1::SweepStatus& status) {
  if (!status.note().empty()) return status.note();
  std::string note = absl::StrCat(CountOf(status.jobs_running(), "job"), " on ",
                                  CountOf(status.workers(), "worker"));
  if (status.jobs_failed() > 0)
    absl::StrAppend(&note, ", ", FormatCount(status.jobs_failed()), " failed");
  return note;
}

absl::Duration Lasted(const v1::SweepStatus& status) {
  absl::Time created, finished;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, status.created_at(), &created, &error) ||
      !absl::ParseTime(absl::RFC3339_full, status.finished_at(), &finished, &error)) {
    return absl::InfiniteDuration();
  }
  return std::max(finished - created, absl::ZeroDuration());
}

}  // namespace

absl::StatusOr<v1::SweepStatus> FollowSweep(Context& context, Client& client, uint64_t id,
                                            bool known) {
  const std::string name = SweepName(id);
  ProgressBar bar(&context.err, &context.err_terminal, name, ProgressView::Unit::kCount, "samples");
  const Interrupt::Scope listen(&context.interrupt,
                                [] {});  // so that Ctrl-C in a pause comes back to us
  v1::SweepStatus last;
  absl::Duration pause = kFirstPause;
  bool lost = false;
  for (;;) {
    const absl::Status end = client.WatchSweep(id, [&](const v1::SweepStatus& status) {
      if (lost) {
        bar.Clear();
        context.err << "Connected again.\n";
      }
      lost = false;
      known = true;
      pause = kFirstPause;
      last = status;
      bar.Update(status.samples_done(), status.samples(), Note(status), context.now());
    });
    bar.Clear();
    if (end.ok() && last.id() == id && last.state() != v1::STATE_RUNNING) return last;
    bool interrupted = absl::IsCancelled(end);
    if (!interrupted && !end.ok() && (!absl::IsUnavailable(end) || !known)) return end;
    if (!interrupted) {
      if (!lost) {
        context.err << context.err_terminal.Paint(
                           Style::kWarning,
                           absl::StrCat("Lost the connection to the coordinator at ",
                                        client.address()))
                    << "; trying again. Nothing is lost by that.\n"
                    << std::flush;
      }
      lost = true;
      interrupted = context.wait(pause);
      pause = std::min(2 * pause, kLongestPause);
    }
    if (interrupted) {
      context.err << name << " goes on without this command.\n"
                  << "  entrobench watch " << name << "    shows its progress again\n"
                  << "  entrobench cancel " << name << "   ends it\n"
                  << std::flush;
      return absl::CancelledError("Interrupted.");
    }
  }
}

std::string Conclusion(const v1::SweepStatus& status) {
  std::string text =
      absl::StrCat(SweepName(status.id()), " '", status.name(), "' ",
                   status.state() == v1::STATE_DONE        ? "is "
                   : status.state() == v1::STATE_CANCELLED ? "was "
                                                           : "has ",
                   StateWord(status.state()), ": ", FormatCount(status.samples_done()));
  if (status.samples_done() != status.samples())
    absl::StrAppend(&text, " of ", FormatCount(status.samples()));
  absl::StrAppend(&text, " samples");
  if (status.samples_reused() > 0)
    absl::StrAppend(&text, " (", FormatCount(status.samples_reused()), " reused)");
  if (const absl::Duration lasted = Lasted(status); lasted != absl::InfiniteDuration()) {
    absl::StrAppend(&text, " in ", FormatTimeSpan(lasted));
  }
  if (status.jobs_failed() > 0)
    absl::StrAppend(&text, ", ", CountOf(status.jobs_failed(), "failed job"));
  return absl::StrCat(text, ".");
}

int ExitCodeOf(const v1::SweepStatus& status) {
  return status.state() == v1::STATE_DONE ? kOk : kNo;
}

}  // namespace entrobench::cli
