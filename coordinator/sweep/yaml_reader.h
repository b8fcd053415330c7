// YAML with places: yaml-cpp wrapped once. Reading never throws; every wrong thing is noted with
// its place and reading goes on, so that a person sees all of them at once.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace entrobench {

// What was found wrong, or worth a warning, with its place.
class Findings {
 public:
  explicit Findings(absl::string_view file_name) : file_name_(file_name) {}

  void Error(const YAML::Mark& mark, absl::string_view text);
  void Warning(const YAML::Mark& mark, absl::string_view text) { Add(&warnings_, mark, text); }

  // OK, or InvalidArgument with one error a line, in the order of the file, "file:line:column:
  // text". A file that is wrong all over gives as many as fit a gRPC status, then how many more
  // there are.
  absl::Status ToStatus() const;
  std::vector<std::string> Warnings() const;
  bool empty() const { return errors_.empty(); }

 private:
  struct Finding {
    int line = 0;  // from 1
    int column = 0;
    std::string text;
  };
  static void Add(std::vector<Finding>* list, const YAML::Mark& mark, absl::string_view text);
  std::vector<std::string> Lines(std::vector<Finding> list) const;

  const std::string file_name_;
  uint64_t more_ = 0;  // errors that were too many to keep
  std::vector<Finding> errors_;
  std::vector<Finding> warnings_;
};

// Parses one document. Notes syntax errors, more than `max_bytes`, bytes that are no UTF-8, an
// empty file, a second document; returns an undefined node then.
YAML::Node LoadYaml(absl::string_view text, size_t max_bytes, Findings* findings);

// One mapping whose keys are known. Notes keys that are not (with the nearest right name) and keys
// that stand twice.
class YamlMap {
 public:
  // `what` names the mapping in messages: "a sweep". Notes when `node` is no mapping.
  YamlMap(const YAML::Node& node, absl::string_view what, const std::vector<std::string>& keys,
          Findings* findings);

  bool valid() const { return node_.IsDefined(); }
  // The value under `key`; an undefined node when the key is not there or its value is null.
  YAML::Node Get(absl::string_view key) const;
  YAML::Mark mark() const { return mark_; }

 private:
  YAML::Node node_;  // undefined when it is no mapping
  YAML::Mark mark_;
};

// Scalars. An undefined node gives nothing and notes nothing; a wrong one gives nothing and notes
// "`name` must be ...".
std::optional<std::string> ReadText(const YAML::Node& node, absl::string_view name,
                                    Findings* findings);
std::optional<int64_t> ReadInteger(const YAML::Node& node, absl::string_view name, int64_t low,
                                   int64_t high, Findings* findings);
std::optional<double> ReadReal(const YAML::Node& node, absl::string_view name, double low,
                               double high, Findings* findings);
std::optional<bool> ReadBoolean(const YAML::Node& node, absl::string_view name, Findings* findings);
// "512MiB", "2GiB", "1.5GB", or a plain number of bytes.
std::optional<uint64_t> ReadBytes(const YAML::Node& node, absl::string_view name,
                                  Findings* findings);

// The elements of a list, or a scalar or mapping as a list of one. Notes an empty list.
std::vector<YAML::Node> ReadList(const YAML::Node& node, absl::string_view name,
                                 Findings* findings);

// How a node looks in a message: its text, quoted and cut, or "a list", "a mapping".
std::string Shown(const YAML::Node& node);

}  // namespace entrobench
