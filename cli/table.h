// A table for people (aligned by display width, fitted to the terminal), as Markdown and as CSV.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/terminal.h"

namespace entrobench::cli {

struct Column {
  enum class Align { kLeft, kRight };

  // Implicit, as those of Cell: a table's columns and rows are written as lists.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Column(std::string header_text, Align alignment = Align::kLeft, bool may_wrap = false)
      : header(std::move(header_text)), align(alignment), wraps(may_wrap) {}

  std::string header;
  Align align;
  bool wraps;  // gives up width and takes several lines when the table is too wide
};

struct Cell {
  // NOLINTNEXTLINE(google-explicit-constructor)
  Cell(std::string cell_text, Style cell_style = Style::kPlain)
      : text(std::move(cell_text)), style(cell_style) {}
  Cell(const char* cell_text) : text(cell_text) {}  // NOLINT(google-explicit-constructor)

  std::string text;
  Style style = Style::kPlain;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns.
  void AddRow(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }

  // For people: a header, a rule, one line a row, two spaces between columns, none at a line's end.
  // When the terminal is too narrow, the columns that wrap get narrower (at spaces where that is
  // enough, never below 8 columns); a row then takes several lines.
  std::string Text(const Terminal& terminal) const;

  // GitHub's pipe table; "|" is escaped.
  std::string Markdown() const;

 private:
  std::vector<int> Widths(int limit) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// One CSV record with its line end (RFC 4180, but "\n").
std::string CsvRecord(const std::vector<std::string>& fields);

}  // namespace entrobench::cli
