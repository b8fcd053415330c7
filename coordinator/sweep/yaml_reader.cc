#include "coordinator/sweep/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/nearest.h"
#include "common/utf8.h"

namespace entrobench {
namespace {

constexpr size_t kShownBytes = 40;
constexpr size_t kKeptErrors = 1000;
// A gRPC status travels as metadata, of which 8 KiB are allowed.
constexpr size_t kErrorBytes = 5000;

// "17" and 17 differ in YAML: what stands in quotes is text.
bool IsPlainScalar(const YAML::Node& node) { return node.IsScalar() && node.Tag() != "!"; }

// Notes where a document starts.
class DocumentStart : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { mark_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
  const YAML::Mark& mark() const { return mark_; }

 private:
  YAML::Mark mark_;
};

// Where a second document starts. YAML::LoadAll would tell too, but reads "," for ever.
std::optional<YAML::Mark> SecondDocument(absl::string_view text) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  DocumentStart start;
  if (!parser.HandleNextDocument(start) || !parser.HandleNextDocument(start)) return std::nullopt;
  return start.mark();
}

// The first tab before the text of line `number` (from 0), if there is one: what yaml-cpp says
// about it helps nobody.
std::optional<YAML::Mark> IndentingTab(absl::string_view text, int number) {
  for (int line = 0; line < number; ++line) {
    const size_t end = text.find('\n');
    if (end == absl::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  const size_t first = text.find_first_not_of(' ');
  if (first == absl::string_view::npos || text[first] != '\t') return std::nullopt;
  YAML::Mark mark;
  mark.line = number;
  mark.column = static_cast<int>(first);
  return mark;
}

}  // namespace

void Findings::Error(const YAML::Mark& mark, absl::string_view text) {
  if (errors_.size() < kKeptErrors) {
    Add(&errors_, mark, text);
  } else {
    ++more_;
  }
}

void Findings::Add(std::vector<Finding>* list, const YAML::Mark& mark, absl::string_view text) {
  list->push_back({std::max(0, mark.line) + 1, std::max(0, mark.column) + 1, std::string(text)});
}

std::vector<std::string> Findings::Lines(std::vector<Finding> list) const {
  std::stable_sort(list.begin(), list.end(), [](const Finding& a, const Finding& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  std::vector<std::string> lines;
  for (const Finding& finding : list) {
    lines.push_back(
        absl::StrCat(file_name_, ":", finding.line, ":", finding.column, ": ", finding.text));
  }
  return lines;
}

absl::Status Findings::ToStatus() const {
  if (errors_.empty()) return absl::OkStatus();
  std::string text;
  uint64_t more = more_;
  for (const std::string& line : Lines(errors_)) {
    if (more > more_ || (!text.empty() && text.size() + line.size() > kErrorBytes)) {
      ++more;
    } else {
      absl::StrAppend(&text, text.empty() ? "" : "\n", line);
    }
  }
  if (more > 0) absl::StrAppend(&text, "\n", file_name_, ": and ", more, " more errors");
  return absl::InvalidArgumentError(text);
}

std::vector<std::string> Findings::Warnings() const { return Lines(warnings_); }

YAML::Node LoadYaml(absl::string_view text, size_t max_bytes, Findings* findings) {
  if (text.size() > max_bytes) {
    findings->Error(YAML::Mark(), absl::StrCat("the file has ", text.size(), " bytes; at most ",
                                               max_bytes, " are read: is it the right file?"));
    return YAML::Node(YAML::NodeType::Undefined);
  }
  if (const size_t bad = FirstInvalidUtf8(text); bad != absl::string_view::npos) {
    YAML::Mark mark;
    mark.line = static_cast<int>(
        std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(bad), '\n'));
    const size_t line_start = text.substr(0, bad).rfind('\n');
    mark.column =
        static_cast<int>(line_start == absl::string_view::npos ? bad : bad - line_start - 1);
    findings->Error(mark, "a byte that is no UTF-8; save the file as UTF-8");
    return YAML::Node(YAML::NodeType::Undefined);
  }
  try {
    const YAML::Node node = YAML::Load(std::string(text));
    const std::optional<YAML::Mark> second = SecondDocument(text);
    if (second.has_value()) {
      findings->Error(*second,
                      "something after the end of the sweep: a second document (---) or a "
                      "stray character");
    } else if (!node.IsDefined() || node.IsNull()) {
      findings->Error(YAML::Mark(), "the file is empty");
    } else {
      return node;
    }
  } catch (const YAML::Exception& error) {
    const std::optional<YAML::Mark> tab = IndentingTab(text, error.mark.line);
    if (tab.has_value()) {
      findings->Error(*tab, "a tab in the indentation; YAML allows only spaces there");
    } else {
      findings->Error(error.mark, absl::StrCat("broken YAML: ", error.msg));
    }
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

std::string Shown(const YAML::Node& node) {
  if (node.IsSequence()) return "a list";
  if (node.IsMap()) return "a mapping";
  if (!node.IsScalar()) return "nothing";
  const std::string& text = node.Scalar();
  return text.size() <= kShownBytes ? absl::StrCat("'", text, "'")
                                    : absl::StrCat("'", text.substr(0, kShownBytes), "...'");
}

YamlMap::YamlMap(const YAML::Node& node, absl::string_view what,
                 const std::vector<std::string>& keys, Findings* findings)
    : node_(YAML::NodeType::Undefined), mark_(node.IsDefined() ? node.Mark() : YAML::Mark()) {
  if (!node.IsDefined()) return;
  if (!node.IsMap()) {
    findings->Error(
        mark_, absl::StrCat(what, " must be a mapping (key: value), but this is ", Shown(node)));
    return;
  }
  node_.reset(node);
  std::map<std::string, int> seen;  // key -> line
  for (const auto& entry : node) {
    const YAML::Node& key = entry.first;
    if (!key.IsScalar()) {
      findings->Error(key.Mark(),
                      absl::StrCat("a key of ", what, " must be a word, but this is ", Shown(key)));
      continue;
    }
    const std::string name = key.Scalar();
    if (std::find(keys.begin(), keys.end(), name) == keys.end()) {
      findings->Error(key.Mark(),
                      absl::StrCat("unknown key '", name, "' of ", what, Suggestion(name, keys)));
    }
    const auto [first, added] = seen.try_emplace(name, key.Mark().line + 1);
    if (!added) {
      findings->Error(key.Mark(), absl::StrCat("'", name, "' stands twice (first in line ",
                                               first->second, ")"));
    }
  }
}

YAML::Node YamlMap::Get(absl::string_view key) const {
  if (node_.IsDefined()) {
    for (const auto& entry : node_) {
      if (entry.first.IsScalar() && entry.first.Scalar() == std::string(key) &&
          !entry.second.IsNull()) {
        return entry.second;
      }
    }
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

std::optional<std::string> ReadText(const YAML::Node& node, absl::string_view name,
                                    Findings* findings) {
  if (!node.IsDefined()) return std::nullopt;
  if (!node.IsScalar()) {
    findings->Error(node.Mark(),
                    absl::StrCat("`", name, "` must be a text, but this is ", Shown(node)));
    return std::nullopt;
  }
  if (node.Scalar().find_first_of("\n\r") != std::string::npos) {
    findings->Error(node.Mark(), absl::StrCat("`", name, "` must stand on one line"));
    return std::nullopt;
  }
  return node.Scalar();
}

std::optional<int64_t> ReadInteger(const YAML::Node& node, absl::string_view name, int64_t low,
                                   int64_t high, Findings* findings) {
  if (!node.IsDefined()) return std::nullopt;
  int64_t value = 0;
  if (!IsPlainScalar(node) || !absl::SimpleAtoi(node.Scalar(), &value)) {
    findings->Error(node.Mark(),
                    absl::StrCat("`", name, "` must be a whole number, but this is ", Shown(node)));
    return std::nullopt;
  }
  if (value < low || value > high) {
    const std::string range = high == std::numeric_limits<int64_t>::max()
                                  ? absl::StrCat("at least ", low)
                                  : absl::StrCat("from ", low, " to ", high);
    findings->Error(node.Mark(), absl::StrCat("`", name, "` must be ", range, ", but is ", value));
    return std::nullopt;
  }
  return value;
}

std::optional<double> ReadReal(const YAML::Node& node, absl::string_view name, double low,
                               double high, Findings* findings) {
  if (!node.IsDefined()) return std::nullopt;
  double value = 0;
  if (!IsPlainScalar(node) || !absl::SimpleAtod(node.Scalar(), &value) || !std::isfinite(value)) {
    findings->Error(node.Mark(),
                    absl::StrCat("`", name, "` must be a number, but this is ", Shown(node)));
    return std::nullopt;
  }
  if (value < low || value > high) {
    const std::string range = std::isinf(high)  ? absl::StrCat("at least ", low)
                              : std::isinf(low) ? absl::StrCat("at most ", high)
                                                : absl::StrCat("from ", low, " to ", high);
    findings->Error(node.Mark(), absl::StrCat("`", name, "` must be ", range, ", but is ", value));
    return std::nullopt;
  }
  return value;
}

std::optional<bool> ReadBoolean(const YAML::Node& node, absl::string_view name,
                                Findings* findings) {
  if (!node.IsDefined()) return std::nullopt;
  if (IsPlainScalar(node)) {
    if (node.Scalar() == "true") return true;
    if (node.Scalar() == "false") return false;
  }
  findings->Error(node.Mark(),
                  absl::StrCat("`", name, "` must be true or false, but this is ", Shown(node)));
  return std::nullopt;
}

std::optional<uint64_t> ReadBytes(const YAML::Node& node, absl::string_view name,
                                  Findings* findings) {
  if (!node.IsDefined()) return std::nullopt;
  static constexpr std::pair<const char*, double> kUnits[] = {
      {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0},
      {"KB", 1e3},     {"MB", 1e6},        {"GB", 1e9},           {"TB", 1e12}};
  if (node.IsScalar()) {
    const std::string& scalar = node.Scalar();
    absl::string_view text = scalar;
    double unit = 1;
    for (const auto& [suffix, factor] : kUnits) {
      if (absl::ConsumeSuffix(&text, suffix)) {
        unit = factor;
        break;
      }
    }
    double value = 0;
    if (absl::SimpleAtod(absl::StripAsciiWhitespace(text), &value) && value >= 0 &&
        value * unit < 1e18) {
      return static_cast<uint64_t>(value * unit);
    }
  }
  findings->Error(
      node.Mark(),
      absl::StrCat("`", name, "` must be an amount of memory such as 2GiB, but this is ",
                   Shown(node)));
  return std::nullopt;
}

std::vector<YAML::Node> ReadList(const YAML::Node& node, absl::string_view name,
                                 Findings* findings) {
  std::vector<YAML::Node> elements;
  if (!node.IsDefined()) return elements;
  if (!node.IsSequence()) return {node};
  for (const auto& element : node) elements.push_back(element);
  if (elements.empty()) findings->Error(node.Mark(), absl::StrCat("`", name, "` is an empty list"));
  return elements;
}

}  // namespace entrobench
