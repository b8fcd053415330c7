#include "common/value.h"

#include <charconv>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace entrobench {

std::string CanonicalValue(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kInteger:
      return absl::StrCat(value.integer());
    case v1::Value::kReal: {
      char buffer[32];
      const auto end = std::to_chars(buffer, buffer + sizeof buffer, value.real()).ptr;
      std::string text(buffer, end);
      // "1" and "1e20" read back as integers in YAML: keep reals apart from integers.
      if (text.find_first_of(".eni") == std::string::npos) text += ".0";
      return text;
    }
    case v1::Value::kBoolean:
      return value.boolean() ? "true" : "false";
    case v1::Value::kText:
      return value.text();
    case v1::Value::KIND_NOT_SET:
      break;
  }
  return "";
}

std::string CanonicalParams(const ParamMap& params) {
  const std::map<std::string, v1::Value> sorted(params.begin(), params.end());
  return absl::StrJoin(sorted, ", ", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first, "=", CanonicalValue(entry.second));
  });
}

v1::Value IntegerValue(int64_t value) {
  v1::Value result;
  result.set_integer(value);
  return result;
}
v1::Value RealValue(double value) {
  v1::Value result;
  result.set_real(value);
  return result;
}
v1::Value BooleanValue(bool value) {
  v1::Value result;
  result.set_boolean(value);
  return result;
}
v1::Value TextValue(absl::string_view value) {
  v1::Value result;
  result.set_text(std::string(value));
  return result;
}

}  // namespace entrobench
