#include "cli/table.h"

#include "absl/strings/str_split.h"
#include "cli/text_width.h"
#include "gtest/gtest.h"

namespace entrobench::cli {
namespace {

using Align = Column::Align;

Terminal Plain(int width) {
  Terminal terminal;
  terminal.width = width;
  return terminal;
}

Table Methods() {
  Table table({{"method", Align::kLeft, true}, {"score", Align::kRight}, {"state"}});
  table.AddRow({"top-h alpha=0.4, temperature=1.0", "71.0", Cell("done", Style::kGood)});
  table.AddRow({"greedy", "8.5", "running"});
  return table;
}

TEST(Table, AlignsColumnsAndEndsNoLineInBlanks) {
  EXPECT_EQ(Methods().Text(Plain(0)),
            "method                            score  state\n"
            "--------------------------------  -----  -------\n"
            "top-h alpha=0.4, temperature=1.0   71.0  done\n"
            "greedy                              8.5  running\n");
}

TEST(Table, WrapsTheFlexibleColumnWhenTheTerminalIsNarrow) {
  EXPECT_EQ(Methods().Text(Plain(35)),
            "method               score  state\n"
            "-------------------  -----  -------\n"
            "top-h alpha=0.4,      71.0  done\n"
            "temperature=1.0\n"
            "greedy                 8.5  running\n");
}

TEST(Table, NeverExceedsTheWidthWhereTheFixedColumnsFit) {
  for (int width = 24; width < 60; ++width) {  // 8 + 2 + 5 + 2 + 7
    for (const absl::string_view line : absl::StrSplit(Methods().Text(Plain(width)), '\n')) {
      EXPECT_LE(DisplayWidth(line), width) << line;
    }
  }
}

TEST(Table, AlignsByDisplayWidth) {
  Table table({{"name"}, {"n", Align::kRight}});
  table.AddRow({"算術", "1"});
  table.AddRow({"naïve", "12"});
  EXPECT_EQ(table.Text(Plain(0)),
            "name    n\n"
            "-----  --\n"
            "算術    1\n"
            "naïve  12\n");
}

TEST(Table, PaintsOnlyWithColors) {
  Terminal terminal;
  terminal.colors = true;
  EXPECT_NE(Methods().Text(terminal).find("\x1b[32mdone\x1b[0m"), std::string::npos);
  EXPECT_EQ(Methods().Text(Plain(0)).find('\x1b'), std::string::npos);
}

TEST(Table, DisarmsWhatCellsBring) {
  Table table({{"answer"}});
  table.AddRow({"4\n2\x1b[31m"});
  EXPECT_EQ(table.Text(Plain(0)).find('\x1b'), std::string::npos);
  EXPECT_NE(table.Text(Plain(0)).find("4 2"), std::string::npos);
}

TEST(Table, PrintsMarkdown) {
  Table table({{"method"}, {"score", Align::kRight}});
  table.AddRow({"a|b", "1.0"});
  EXPECT_EQ(table.Markdown(),
            "| method | score |\n"
            "| ------ | ----: |\n"
            "| a\\|b   |   1.0 |\n");
}

TEST(CsvRecord, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(CsvRecord({"top-h", "alpha=0.4, temperature=1.0", "say \"42\"", "two\nlines", ""}),
            "top-h,\"alpha=0.4, temperature=1.0\",\"say \"\"42\"\"\",\"two\nlines\",\n");
}

}  // namespace
}  // namespace entrobench::cli
