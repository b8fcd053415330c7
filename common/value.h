// Parameter values in canonical form: what cells are compared and digested by, and what people
// read.
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "entrobench/v1/catalog.pb.h"
#include "google/protobuf/map.h"

namespace entrobench {

// "3", "0.4" (shortest text that reads back as the same double; always with a point or exponent),
// "true", text as it is.
std::string CanonicalValue(const v1::Value& value);

using ParamMap = google::protobuf::Map<std::string, v1::Value>;

// "alpha=0.4, temperature=1.0", sorted by name; empty for no parameters.
std::string CanonicalParams(const ParamMap& params);

v1::Value IntegerValue(int64_t value);
v1::Value RealValue(double value);
v1::Value BooleanValue(bool value);
v1::Value TextValue(absl::string_view value);

}  // namespace entrobench
