// Declared parameters, of methods and of suites (whose options they are): how they are declared,
// each once with its default, range and meaning, which feeds validation, --help, the dashboard and
// docs; and how a trial's values are checked and read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value.h"
#include "entrobench/v1/catalog.pb.h"

namespace entrobench {

// Values of one trial, complete and checked (CheckedParams): reading a name that was not declared
// is a bug and aborts.
class Params {
 public:
  explicit Params(const ParamMap& values) : values_(values) {}
  double real(const std::string& name) const;
  int integer(const std::string& name) const;
  bool boolean(const std::string& name) const;
  std::string text(const std::string& name) const;

 private:
  ParamMap values_;
};

using DeclaredParameters = google::protobuf::RepeatedPtrField<v1::Parameter>;

// The declared parameters, each as given or by default. InvalidArgument for a value of another type
// or out of range and for a name that was not declared: "`owner` has no `noun` 'x'".
absl::StatusOr<ParamMap> CheckedParams(absl::string_view owner, absl::string_view noun,
                                       const DeclaredParameters& declared, const ParamMap& given);

// Declares parameters, one call each, which returns `Self`: the class that derives from this. It
// has a member mutable_parameters().
template <typename Self>
class DeclaresParameters {
 public:
  Self& Real(const char* name, double value, double low, double high, const char* meaning) {
    return Declare(name, v1::Parameter::TYPE_REAL, RealValue(value), low, high, meaning);
  }
  Self& Integer(const char* name, int64_t value, int64_t low, int64_t high, const char* meaning) {
    return Declare(name, v1::Parameter::TYPE_INTEGER, IntegerValue(value), static_cast<double>(low),
                   static_cast<double>(high), meaning);
  }
  Self& Boolean(const char* name, bool value, const char* meaning) {
    return Declare(name, v1::Parameter::TYPE_BOOLEAN, BooleanValue(value), 0, 1, meaning);
  }
  Self& Choice(const char* name, const char* value, const std::vector<std::string>& choices,
               const char* meaning) {
    Declare(name, v1::Parameter::TYPE_TEXT, TextValue(value), 0, 0, meaning);
    v1::Parameter* parameter = &*self().mutable_parameters()->rbegin();
    for (const std::string& choice : choices) parameter->add_choices(choice);
    return self();
  }
  // Any text.
  Self& Text(const char* name, const char* value, const char* meaning) {
    return Declare(name, v1::Parameter::TYPE_TEXT, TextValue(value), 0, 0, meaning);
  }
  // Names of registered models, separated by commas: further models beside the trial's own.
  Self& Models(const char* name, const char* value, const char* meaning) {
    return Declare(name, v1::Parameter::TYPE_MODELS, TextValue(value), 0, 0, meaning);
  }

 protected:
  Self& self() { return static_cast<Self&>(*this); }

 private:
  Self& Declare(const char* name, v1::Parameter::Type type, const v1::Value& value, double low,
                double high, const char* meaning) {
    v1::Parameter* parameter = self().mutable_parameters()->Add();
    parameter->set_name(name);
    parameter->set_type(type);
    *parameter->mutable_default_value() = value;
    parameter->set_minimum(low);
    parameter->set_maximum(high);
    parameter->set_meaning(meaning);
    return self();
  }
};

}  // namespace entrobench
