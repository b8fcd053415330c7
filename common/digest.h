// SHA-256 digests: how models, data files, suites and cells are named.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entrobench {

// Incremental SHA-256. Hex() ends it.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void Update(absl::string_view bytes);
  std::string Hex();  // 64 lower-case hex digits; call once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string Sha256Hex(absl::string_view bytes);

// Reads the file in pieces. Errors name the path.
absl::StatusOr<std::string> Sha256File(const std::string& path);

// True for 64 lower-case hex digits.
bool IsSha256Hex(absl::string_view text);

}  // namespace entrobench
