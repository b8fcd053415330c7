#include "cli/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/text_width.h"

namespace entrobench::cli {
namespace {

constexpr int kGap = 2;
constexpr int kLeastWrapWidth = 8;

std::string Pad(absl::string_view text, int width, Column::Align align) {
  const std::string spaces(static_cast<size_t>(std::max(0, width - DisplayWidth(text))), ' ');
  return align == Column::Align::kRight ? absl::StrCat(spaces, text) : absl::StrCat(text, spaces);
}

int LongestWord(absl::string_view text) {
  int longest = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' '))
    longest = std::max(longest, DisplayWidth(word));
  return longest;
}

// Blanks are painted with nothing and none stand at the line's end.
std::string JoinLine(const std::vector<Cell>& cells, const std::vector<Column>& columns,
                     const std::vector<int>& widths, const Terminal& terminal) {
  size_t last = cells.size();
  while (last > 0 && cells[last - 1].text.empty()) --last;
  std::string line;
  for (size_t i = 0; i < last; ++i) {
    const int padding = std::max(0, widths[i] - DisplayWidth(cells[i].text));
    const std::string spaces(static_cast<size_t>(padding), ' ');
    const bool right = columns[i].align == Column::Align::kRight;
    if (right) line += spaces;
    line += terminal.Paint(cells[i].style, cells[i].text);
    if (i + 1 < last) {
      if (!right) line += spaces;
      line.append(kGap, ' ');
    }
  }
  line += '\n';
  return line;
}

}  // namespace

void Table::AddRow(std::vector<Cell> cells) {
  cells.resize(columns_.size(), Cell(""));
  for (Cell& cell : cells) cell.text = Printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::vector<int> Table::Widths(int limit) const {
  std::vector<int> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    int width = DisplayWidth(columns_[i].header);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i].text));
    widths.push_back(width);
  }
  if (limit <= 0) return widths;
  int total = kGap * (static_cast<int>(columns_.size()) - 1);
  for (const int width : widths) total += width;
  // The widest column that wraps gives up one column at a time until the table fits: first down to
  // its longest word, so that words stay whole, then, where that is not enough, below.
  for (const bool whole_words : {true, false}) {
    std::vector<int> least;
    for (size_t i = 0; i < columns_.size(); ++i) {
      int width = std::max(kLeastWrapWidth, DisplayWidth(columns_[i].header));
      for (const auto& row : rows_) {
        if (whole_words) width = std::max(width, LongestWord(row[i].text));
      }
      least.push_back(columns_[i].wraps ? width : widths[i]);
    }
    while (total > limit) {
      size_t widest = columns_.size();
      for (size_t i = 0; i < columns_.size(); ++i) {
        if (widths[i] > least[i] && (widest == columns_.size() || widths[i] > widths[widest]))
          widest = i;
      }
      if (widest == columns_.size()) break;
      --widths[widest];
      --total;
    }
  }
  return widths;
}

std::string Table::Text(const Terminal& terminal) const {
  const std::vector<int> widths = Widths(terminal.width);
  std::vector<Cell> headers, rules;
  for (size_t i = 0; i < columns_.size(); ++i) {
    headers.emplace_back(columns_[i].header, Style::kBold);
    std::string rule;
    for (int k = 0; k < widths[i]; ++k) rule += terminal.glyphs().rule;
    rules.emplace_back(rule, Style::kDim);
  }
  std::string text = JoinLine(headers, columns_, widths, terminal);
  text += JoinLine(rules, columns_, widths, terminal);
  for (const auto& row : rows_) {
    std::vector<std::vector<std::string>> lines(columns_.size());
    size_t height = 1;
    for (size_t i = 0; i < columns_.size(); ++i) {
      lines[i] = DisplayWidth(row[i].text) > widths[i] ? WrapToWidth(row[i].text, widths[i])
                                                       : std::vector<std::string>{row[i].text};
      height = std::max(height, lines[i].size());
    }
    for (size_t k = 0; k < height; ++k) {
      std::vector<Cell> cells;
      for (size_t i = 0; i < columns_.size(); ++i) {
        cells.emplace_back(k < lines[i].size() ? lines[i][k] : "", row[i].style);
      }
      text += JoinLine(cells, columns_, widths, terminal);
    }
  }
  return text;
}

std::string Table::Markdown() const {
  const auto escape = [](absl::string_view text) {
    return absl::StrReplaceAll(text, {{"|", "\\|"}});
  };
  const std::vector<int> widths = [&] {
    Table escaped(columns_);
    for (const auto& row : rows_) {
      std::vector<Cell> cells;
      for (const Cell& cell : row) cells.emplace_back(escape(cell.text));
      escaped.AddRow(std::move(cells));
    }
    std::vector<int> least = escaped.Widths(0);
    for (int& width : least) width = std::max(width, 3);
    return least;
  }();
  std::string text = "|";
  for (size_t i = 0; i < columns_.size(); ++i) {
    absl::StrAppend(&text, " ", Pad(columns_[i].header, widths[i], columns_[i].align), " |");
  }
  text += "\n|";
  for (size_t i = 0; i < columns_.size(); ++i) {
    const bool right = columns_[i].align == Column::Align::kRight;
    absl::StrAppend(&text, " ", std::string(static_cast<size_t>(widths[i] - (right ? 1 : 0)), '-'),
                    right ? ":" : "", " |");
  }
  text += '\n';
  for (const auto& row : rows_) {
    text += '|';
    for (size_t i = 0; i < columns_.size(); ++i) {
      absl::StrAppend(&text, " ", Pad(escape(row[i].text), widths[i], columns_[i].align), " |");
    }
    text += '\n';
  }
  return text;
}

std::string CsvRecord(const std::vector<std::string>& fields) {
  std::string record;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) record += ',';
    if (fields[i].find_first_of(",\"\r\n") == std::string::npos) {
      record += fields[i];
    } else {
      absl::StrAppend(&record, "\"", absl::StrReplaceAll(fields[i], {{"\"", "\"\""}}), "\"");
    }
  }
  record += '\n';
  return record;
}

}  // namespace entrobench::cli
