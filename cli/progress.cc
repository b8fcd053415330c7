#include "cli/progress.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/format.h"
#include "cli/text_width.h"

namespace entrobench::cli {
namespace {

constexpr absl::Duration kRedrawEvery = absl::Milliseconds(100);
constexpr absl::Duration kPlainLineEvery = absl::Seconds(5);
constexpr absl::Duration kRateWindow = absl::Seconds(30);
constexpr int kLeastBar = 10;
constexpr int kMostBar = 40;

double Fraction(const ProgressView& view) {
  if (view.total == 0) return 0;
  return std::min(1.0, static_cast<double>(view.done) / static_cast<double>(view.total));
}

std::string Rate(const ProgressView& view) {
  if (view.unit == ProgressView::Unit::kBytes) {
    return absl::StrCat(FormatBytes(static_cast<uint64_t>(*view.rate)), "/s");
  }
  return *view.rate < 100
             ? absl::StrFormat("%.1f/s", *view.rate)
             : absl::StrCat(FormatCount(static_cast<uint64_t>(std::lround(*view.rate))), "/s");
}

// The facts after the bar, the most wanted first.
std::vector<std::string> Facts(const ProgressView& view) {
  std::vector<std::string> facts;
  if (view.unit == ProgressView::Unit::kBytes) {
    facts.push_back(absl::StrCat(FormatBytes(view.done), " of ", FormatBytes(view.total)));
  } else {
    facts.push_back(
        absl::StrCat(FormatCount(view.done), "/", FormatCount(view.total), " ", view.noun));
  }
  if (view.rate && view.done < view.total) facts.push_back(Rate(view));
  if (view.left && view.done < view.total)
    facts.push_back(absl::StrCat(FormatTimeSpan(*view.left), " left"));
  if (!view.note.empty()) facts.push_back(Printable(view.note));
  return facts;
}

}  // namespace

std::string RenderProgress(const ProgressView& view, const Terminal& terminal) {
  // Rounded down: 100% means that nothing is missing.
  const std::string percent = absl::StrFormat("%3d%%", static_cast<int>(100 * Fraction(view)));
  std::vector<std::string> facts = Facts(view);
  const auto tail = [&facts] {
    std::string text;
    for (const std::string& fact : facts) absl::StrAppend(&text, "  ", fact);
    return text;
  };
  if (!terminal.interactive) return absl::StrCat(view.label, " ", percent, tail());

  // Room for the ^C that a terminal echoes: it would wrap the line.
  const int limit = (terminal.width > 0 ? terminal.width : 80) - 3;
  const int head = DisplayWidth(view.label) + 2 + 4;  // label, percent, two spaces
  int bar = 0;
  while ((bar = limit - head - DisplayWidth(tail())) < kLeastBar && facts.size() > 1)
    facts.pop_back();
  bar = std::min(bar, kMostBar);
  if (bar < kLeastBar) return CutToWidth(absl::StrCat(view.label, " ", percent, tail()), limit, "");
  const int full = static_cast<int>(Fraction(view) * bar);
  std::string filled, empty;
  for (int i = 0; i < bar; ++i)
    (i < full ? filled : empty) +=
        i < full ? terminal.glyphs().bar_full : terminal.glyphs().bar_empty;
  return absl::StrCat(view.label, " ", percent, " ", terminal.Paint(Style::kAccent, filled),
                      terminal.Paint(Style::kDim, empty), tail());
}

void RateMeter::Add(uint64_t done, absl::Time now) {
  points_.emplace_back(now, done);
  while (points_.size() > 2 && now - points_[1].first >= kRateWindow) points_.pop_front();
}

std::optional<double> RateMeter::Rate() const {
  if (points_.size() < 2) return std::nullopt;
  const absl::Duration elapsed = points_.back().first - points_.front().first;
  if (elapsed < absl::Seconds(1) || points_.back().second < points_.front().second)
    return std::nullopt;
  return static_cast<double>(points_.back().second - points_.front().second) /
         absl::ToDoubleSeconds(elapsed);
}

ProgressBar::ProgressBar(std::ostream* out, const Terminal* terminal, std::string label,
                         ProgressView::Unit unit, std::string noun, bool quiet_start)
    : out_(out), terminal_(terminal), quiet_start_(quiet_start) {
  view_.label = std::move(label);
  view_.unit = unit;
  view_.noun = std::move(noun);
}

void ProgressBar::Update(uint64_t done, uint64_t total, const std::string& note, absl::Time now) {
  meter_.Add(done, now);
  view_.done = done;
  view_.total = total;
  view_.note = note;
  view_.rate = meter_.Rate();
  view_.left.reset();
  if (view_.rate && *view_.rate > 0 && done <= total) {
    view_.left = absl::Seconds(static_cast<double>(total - done) / *view_.rate);
  }
  if (quiet_start_ && !terminal_->interactive && drawn_at_ == absl::InfinitePast()) drawn_at_ = now;
  if (now - drawn_at_ < (terminal_->interactive ? kRedrawEvery : kPlainLineEvery)) return;
  drawn_at_ = now;
  const std::string line = RenderProgress(view_, *terminal_);
  if (terminal_->interactive) {
    *out_ << '\r' << line << "\x1b[K" << std::flush;  // erase what a longer line left
    on_screen_ = true;
  } else {
    *out_ << line << '\n' << std::flush;
  }
}

void ProgressBar::Clear() {
  if (on_screen_) *out_ << "\r\x1b[K" << std::flush;
  on_screen_ = false;
  drawn_at_ = terminal_->interactive ? absl::InfinitePast() : drawn_at_;
}

}  // namespace entrobench::cli
