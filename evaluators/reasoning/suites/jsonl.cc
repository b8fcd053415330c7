#include "evaluators/reasoning/suites/jsonl.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"

namespace entrobench {
namespace {

using nlohmann::json;

constexpr size_t kMostErrors = 20;
constexpr size_t kLongestLine = 1 << 20;
constexpr absl::string_view kExpected = "expected one JSON object a line";

// Lines of a file, one at a time, cut at kLongestLine.
class LineReader {
 public:
  explicit LineReader(std::FILE* file) : file_(file) {}

  // False at the end. `too_long`: the line went on; what is over the limit was skipped.
  bool Next(std::string* line, bool* too_long) {
    line->clear();
    *too_long = false;
    bool any = false;
    while (true) {
      if (used_ == filled_) {
        filled_ = std::fread(buffer_, 1, sizeof(buffer_), file_);
        used_ = 0;
        if (filled_ == 0) return any;
      }
      any = true;
      const char* begin = buffer_ + used_;
      const void* newline = std::memchr(begin, '\n', filled_ - used_);
      const size_t piece = newline == nullptr
                               ? filled_ - used_
                               : static_cast<size_t>(static_cast<const char*>(newline) - begin);
      const size_t room = kLongestLine - line->size();
      line->append(begin, std::min(piece, room));
      if (piece > room) *too_long = true;
      used_ += piece + (newline == nullptr ? 0 : 1);
      if (newline != nullptr) return true;
    }
  }

 private:
  std::FILE* file_;
  char buffer_[1 << 16];
  size_t used_ = 0;
  size_t filled_ = 0;
};

bool IsUtf8(const std::string& text) {
  try {
    json(text).dump();  // throws for bytes that are no UTF-8
    return true;
  } catch (const json::exception&) {
    return false;
  }
}

// nlohmann's message without its own numbering: "[json.exception.parse_error.101] parse error at
// line 1, column 9: ..."
std::string ParserMessage(const json::parse_error& error) {
  const absl::string_view message = error.what();
  const size_t column = message.find("column ");
  return std::string(column == absl::string_view::npos ? message : message.substr(column));
}

// The object of a line, or what is wrong with it.
absl::Status ParseLine(const std::string& line, json* object) {
  try {
    *object = json::parse(line);
  } catch (const json::parse_error& error) {
    if (!IsUtf8(line)) {
      return absl::InvalidArgumentError("not UTF-8; save the file as UTF-8");
    }
    if (line[line.find_first_not_of(" \t")] == '[') {
      return absl::InvalidArgumentError(
          absl::StrCat("a JSON list that goes on; ", kExpected,
                       " (JSONL), without brackets or commas around them"));
    }
    return absl::InvalidArgumentError(
        absl::StrCat("not JSON at ", ParserMessage(error), "; ", kExpected));
  }
  if (!object->is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(JsonKind(*object), " instead of an object; ", kExpected));
  }
  return absl::OkStatus();
}

}  // namespace

void FileErrors::Add(uint64_t line, absl::string_view message) {
  if (messages_.size() == kMostErrors) {
    ++left_out_;
    return;
  }
  messages_.push_back(line == 0 ? absl::StrCat(file_name_, ": ", message)
                                : absl::StrCat(file_name_, ":", line, ": ", message));
}

std::vector<std::string> FileErrors::messages() const {
  std::vector<std::string> all = messages_;
  if (left_out_ > 0)
    all.push_back(absl::StrCat(file_name_, ": ", left_out_, " more errors; mend these first"));
  return all;
}

absl::Status FileErrors::status() const {
  if (empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(messages(), "\n"));
}

void ReadJsonl(const std::string& path,
               const std::function<absl::Status(const json& object)>& visit, FileErrors* errors) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (file == nullptr) {
    errors->Add(0, absl::StrCat("cannot be opened: ", std::strerror(errno)));
    return;
  }
  const auto lines = std::make_unique<LineReader>(file.get());
  std::string line;
  bool too_long = false;
  uint64_t number = 0;
  uint64_t objects = 0;
  while (lines->Next(&line, &too_long)) {
    ++number;
    if (too_long) {
      ++objects;
      errors->Add(number,
                  "longer than 1 MiB; one question a line, and no data that is not asked for");
      continue;
    }
    if (number == 1 && absl::StartsWith(line, "\xef\xbb\xbf")) line.erase(0, 3);  // byte order mark
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    ++objects;
    json object;
    absl::Status status = ParseLine(line, &object);
    if (status.ok()) status = visit(object);
    if (!status.ok()) errors->Add(number, status.message());
  }
  if (std::ferror(file.get()) != 0) {
    errors->Add(0, absl::StrCat("cannot be read: ", std::strerror(errno)));
  } else if (objects == 0) {
    errors->Add(0, absl::StrCat("empty; ", kExpected));
  }
}

std::string JsonKind(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "a list";
    case json::value_t::string:
      return "text";
    case json::value_t::boolean:
      return "true or false";
    default:
      return "a number";
  }
}

}  // namespace entrobench
