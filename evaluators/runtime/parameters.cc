#include "evaluators/runtime/parameters.h"

#include <algorithm>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/logging.h"
#include "common/nearest.h"
#include "common/status_macros.h"

namespace entrobench {
namespace {

const v1::Value& ValueOf(const ParamMap& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) {
    EB_LOG(ERROR) << "a method reads parameter '" << name << "', which it did not declare";
    std::abort();
  }
  return found->second;
}

// Whether the value is of the parameter's type; an integer literal is a real number, too.
bool HasType(const v1::Value& value, v1::Parameter::Type type) {
  switch (type) {
    case v1::Parameter::TYPE_INTEGER:
      return value.has_integer();
    case v1::Parameter::TYPE_REAL:
      return value.has_real() || value.has_integer();
    case v1::Parameter::TYPE_BOOLEAN:
      return value.has_boolean();
    default:
      return value.has_text();
  }
}

absl::Status CheckValue(const v1::Parameter& parameter, const v1::Value& value) {
  const std::string what = absl::StrCat(parameter.name(), " = ", CanonicalValue(value));
  if (!HasType(value, parameter.type())) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has the wrong type; ", parameter.name(), " is ", parameter.meaning()));
  }
  if (value.has_integer() || value.has_real()) {
    const double number = value.has_real() ? value.real() : static_cast<double>(value.integer());
    if (!(number >= parameter.minimum() && number <= parameter.maximum())) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, " is outside [", parameter.minimum(), ", ", parameter.maximum(), "]"));
    }
  }
  const auto& choices = parameter.choices();
  if (!choices.empty() &&
      std::find(choices.begin(), choices.end(), value.text()) == choices.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is none of: ", absl::StrJoin(choices, ", ")));
  }
  return absl::OkStatus();
}

}  // namespace

double Params::real(const std::string& name) const {
  const v1::Value& value = ValueOf(values_, name);
  return value.has_integer() ? static_cast<double>(value.integer()) : value.real();
}

int Params::integer(const std::string& name) const {
  return static_cast<int>(ValueOf(values_, name).integer());
}

bool Params::boolean(const std::string& name) const { return ValueOf(values_, name).boolean(); }

std::string Params::text(const std::string& name) const { return ValueOf(values_, name).text(); }

absl::StatusOr<ParamMap> CheckedParams(absl::string_view owner, absl::string_view noun,
                                       const DeclaredParameters& declared, const ParamMap& given) {
  ParamMap complete;
  std::vector<std::string> names;
  for (const v1::Parameter& parameter : declared) {
    names.push_back(parameter.name());
    const auto found = given.find(parameter.name());
    const v1::Value& value = found == given.end() ? parameter.default_value() : found->second;
    EB_RETURN_IF_ERROR(CheckValue(parameter, value));
    complete[parameter.name()] = value;
  }
  for (const auto& [name, value] : given) {
    if (!complete.contains(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat(owner, " has no ", noun, " '", name, "'", Suggestion(name, names)));
    }
  }
  return complete;
}

}  // namespace entrobench
