#include "cli/facts.h"

#include <algorithm>
#include <string>

#include "cli/text_width.h"

namespace entrobench::cli {

void PrintTitle(std::ostream& out, const Terminal& terminal, absl::string_view title,
                absl::string_view remark) {
  out << terminal.Paint(Style::kBold, Printable(title));
  if (!remark.empty()) out << "  " << terminal.Paint(Style::kDim, Printable(remark));
  out << '\n';
}

void PrintFact(std::ostream& out, const Terminal& terminal, absl::string_view name,
               absl::string_view value) {
  if (value.empty()) return;
  constexpr int kIndent = 16;
  const int width = terminal.width > 0 ? std::max(20, terminal.width - kIndent) : 1 << 20;
  std::string label = "  ";
  label.append(name.data(), name.size());
  label.resize(std::max<size_t>(kIndent, label.size() + 1), ' ');
  bool first = true;
  for (const std::string& line : WrapToWidth(Printable(value, /*keep_newlines=*/true), width)) {
    out << (first ? terminal.Paint(Style::kDim, label) : std::string(kIndent, ' ')) << line << '\n';
    first = false;
  }
}

}  // namespace entrobench::cli
