#include "cli/progress.h"

#include <sstream>

#include "cli/text_width.h"
#include "gtest/gtest.h"

namespace entrobench::cli {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

Terminal Screen(int width) {
  Terminal terminal;
  terminal.interactive = true;
  terminal.width = width;
  return terminal;
}

ProgressView Third() {
  ProgressView view;
  view.label = "s12";
  view.done = 1480;
  view.total = 4000;
  view.noun = "samples";
  view.rate = 38.2;
  view.left = absl::Seconds(66);
  view.note = "1 job on 1 worker";
  return view;
}

TEST(RenderProgress, ShowsEveryFactWhereItFits) {
  // 37% of the longest bar, 40 columns, are 14 full ones.
  EXPECT_EQ(RenderProgress(Third(), Screen(120)),
            "s12  37% ##############..........................  1,480/4,000 samples  38.2/s  1 min "
            "6 s left  1 job on 1 worker");
}

TEST(RenderProgress, LeavesOutTheLeastWantedFactFirst) {
  EXPECT_EQ(RenderProgress(Third(), Screen(80)),
            "s12  37% ########...............  1,480/4,000 samples  38.2/s  1 min 6 s left");
  EXPECT_EQ(RenderProgress(Third(), Screen(60)),
            "s12  37% #######............  1,480/4,000 samples  38.2/s");
}

TEST(RenderProgress, FitsAnyWidth) {
  for (int width = 8; width < 140; ++width) {
    EXPECT_LT(DisplayWidth(RenderProgress(Third(), Screen(width))), width) << width;
  }
}

TEST(RenderProgress, IsOnePlainLineOffATerminal) {
  EXPECT_EQ(RenderProgress(Third(), Terminal()),
            "s12  37%  1,480/4,000 samples  38.2/s  1 min 6 s left  1 job on 1 worker");
}

TEST(RenderProgress, SaysHundredPercentOnlyWhenNothingIsMissing) {
  ProgressView view = Third();
  view.done = 3999;
  EXPECT_NE(RenderProgress(view, Terminal()).find(" 99%"), std::string::npos);
  view.done = 4000;
  view.note.clear();
  EXPECT_EQ(RenderProgress(view, Terminal()), "s12 100%  4,000/4,000 samples");
}

TEST(RenderProgress, ShowsBytes) {
  ProgressView view;
  view.label = "model.gguf";
  view.unit = ProgressView::Unit::kBytes;
  view.done = 1'500'000;
  view.total = 6'000'000;
  view.rate = 3e6;
  view.left = absl::Seconds(1.5);
  EXPECT_EQ(RenderProgress(view, Terminal()),
            "model.gguf  25%  1.5 MB of 6.0 MB  3.0 MB/s  1.5 s left");
}

TEST(RateMeter, KnowsNothingBeforeASecondHasPassed) {
  RateMeter meter;
  EXPECT_FALSE(meter.Rate().has_value());
  meter.Add(0, kStart);
  meter.Add(50, kStart + absl::Milliseconds(900));
  EXPECT_FALSE(meter.Rate().has_value());
  meter.Add(100, kStart + absl::Seconds(2));
  EXPECT_DOUBLE_EQ(*meter.Rate(), 50.0);
}

TEST(RateMeter, LooksBackHalfAMinute) {
  RateMeter meter;
  // A slow minute, then ten samples a second.
  for (int second = 0; second <= 60; ++second) meter.Add(100, kStart + absl::Seconds(second));
  for (int second = 1; second <= 40; ++second) {
    meter.Add(100 + 10 * static_cast<uint64_t>(second), kStart + absl::Seconds(60 + second));
  }
  EXPECT_NEAR(*meter.Rate(), 10.0, 1e-9);
}

TEST(RateMeter, DoesNotCountWhatWasThereBefore) {
  RateMeter meter;
  meter.Add(1000, kStart);  // reused samples
  meter.Add(1010, kStart + absl::Seconds(10));
  EXPECT_DOUBLE_EQ(*meter.Rate(), 1.0);
}

int Count(const std::string& text, char wanted) {
  int count = 0;
  for (const char c : text) count += c == wanted ? 1 : 0;
  return count;
}

TEST(ProgressBar, RedrawsAtMostTenTimesASecondOnATerminal) {
  std::ostringstream out;
  const Terminal terminal = Screen(80);
  ProgressBar bar(&out, &terminal, "s1", ProgressView::Unit::kCount, "samples");
  for (int ms = 0; ms < 1000; ++ms)
    bar.Update(static_cast<uint64_t>(ms), 1000, "", kStart + absl::Milliseconds(ms));
  EXPECT_EQ(Count(out.str(), '\r'), 10);
  EXPECT_EQ(Count(out.str(), '\n'), 0);
}

TEST(ProgressBar, PrintsALineEveryFiveSecondsOffATerminal) {
  std::ostringstream out;
  const Terminal terminal;
  ProgressBar bar(&out, &terminal, "s1", ProgressView::Unit::kCount, "samples");
  for (int ms = 0; ms < 15'000; ms += 100)
    bar.Update(static_cast<uint64_t>(ms), 15'000, "", kStart + absl::Milliseconds(ms));
  EXPECT_EQ(Count(out.str(), '\n'), 3);
  EXPECT_EQ(Count(out.str(), '\r'), 0);
  EXPECT_EQ(Count(out.str(), '\x1b'), 0);
}

TEST(ProgressBar, AQuietStartPrintsNothingForWhatIsDoneSoon) {
  std::ostringstream out;
  const Terminal terminal;
  ProgressBar bar(&out, &terminal, "x", ProgressView::Unit::kBytes, "", /*quiet_start=*/true);
  bar.Update(1, 10, "", kStart);
  bar.Update(9, 10, "", kStart + absl::Milliseconds(4900));
  EXPECT_EQ(out.str(), "");
  bar.Update(10, 10, "", kStart + absl::Seconds(5));
  EXPECT_EQ(out.str(), "x 100%  10 B of 10 B\n");
}

TEST(ProgressBar, ClearLeavesTheTerminalLineEmpty) {
  std::ostringstream out;
  const Terminal terminal = Screen(80);
  ProgressBar bar(&out, &terminal, "s1", ProgressView::Unit::kCount, "samples");
  bar.Clear();
  EXPECT_EQ(out.str(), "");  // nothing was drawn
  bar.Update(1, 2, "", kStart);
  out.str("");
  bar.Clear();
  EXPECT_EQ(out.str(), "\r\x1b[K");
}

}  // namespace
}  // namespace entrobench::cli
