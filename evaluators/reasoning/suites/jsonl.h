// Reads a JSONL file and says of every bad line where it is and how to mend it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json_fwd.hpp"

namespace entrobench {

// What is wrong with a file: "FILE:LINE: what; how to mend it". The first 20 are kept, the others
// counted.
class FileErrors {
 public:
  explicit FileErrors(std::string file_name) : file_name_(std::move(file_name)) {}

  void Add(uint64_t line, absl::string_view message);  // line from 1; 0: the file as a whole
  bool empty() const { return messages_.empty(); }

  // The kept errors and, when some were left out, a line that says how many.
  std::vector<std::string> messages() const;
  // InvalidArgument with all of them, one a line.
  absl::Status status() const;

 private:
  std::string file_name_;
  std::vector<std::string> messages_;
  uint64_t left_out_ = 0;
};

// Calls `visit` with the object of each line that holds one and the line's number; what visit
// returns as an error is added with that place. Blank lines are skipped; a file without any object
// is an error. Holds one line at a time, of at most 1 MiB. Reads on after errors, so that all of
// them can be mended at once.
void ReadJsonl(const std::string& path,
               const std::function<absl::Status(const nlohmann::json& object)>& visit,
               FileErrors* errors);

// A field in words for messages: "a list", "text".
std::string JsonKind(const nlohmann::json& value);

}  // namespace entrobench
