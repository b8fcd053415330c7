// How a method of any family declares itself and is found in its family's table.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/nearest.h"
#include "common/status_macros.h"
#include "common/value.h"
#include "entrobench/v1/catalog.pb.h"
#include "entrobench/v1/sweep.pb.h"
#include "evaluators/runtime/parameters.h"

namespace entrobench {

// Fills a v1::MethodInfo, one call a field. `Self` is the class that derives from it, which each
// call returns.
template <typename Self>
class DeclaresMethod : public DeclaresParameters<Self> {
 public:
  Self& Title(const char* text) { return info_.set_title(text), self(); }
  Self& Summary(const char* text) { return info_.set_summary(text), self(); }
  Self& Equation(const char* latex) { return info_.set_equation(latex), self(); }
  Self& Cost(const char* text) { return info_.set_cost(text), self(); }
  Self& Rival() { return info_.set_rival(true), self(); }
  Self& Learns() { return info_.set_learns(true), self(); }
  Self& Needs(v1::Capability capability) { return info_.add_needs(capability), self(); }

  // `need` only when `parameter` has `value`.
  Self& NeedsWhen(const char* parameter, const v1::Value& value, v1::Capability need) {
    v1::ConditionalNeed* conditional = info_.add_conditional_needs();
    conditional->set_parameter(parameter);
    *conditional->mutable_value() = value;
    conditional->set_need(need);
    return self();
  }
  // On a model that gives only `capability` the method runs as an approximation: `how` is shown
  // beside its scores ("entropies over the top 20 tokens").
  Self& ApproximatedWith(v1::Capability capability, const char* how) {
    info_.add_approximate_needs(capability);
    info_.set_approximation(how);
    return self();
  }
  Self& Paper(const char* title, const char* authors, int year, const char* url) {
    v1::Paper* paper = info_.mutable_paper();
    paper->set_title(title);
    paper->set_authors(authors);
    paper->set_year(year);
    paper->set_url(url);
    return self();
  }

  DeclaredParameters* mutable_parameters() { return info_.mutable_parameters(); }
  const v1::MethodInfo& info() const { return info_; }

 protected:
  DeclaresMethod(const char* id, const char* version, const char* family) {
    info_.set_id(id);
    info_.set_version(version);
    info_.set_family(family);
  }

 private:
  using DeclaresParameters<Self>::self;

  v1::MethodInfo info_;
};

// A declaration that several functions fill.
class MethodDeclaration final : public DeclaresMethod<MethodDeclaration> {
 public:
  MethodDeclaration(const char* id, const char* version, const char* family)
      : DeclaresMethod(id, version, family) {}
};

// The method of a trial, made by its entry (`info`, and `make` from Params) in its family's table.
// NotFound for an unknown id or another version, InvalidArgument for a parameter out of range.
template <typename Entry>
auto MakeDeclaredMethod(const std::vector<Entry>& entries, absl::string_view family,
                        const v1::MethodConfig& config)
    -> absl::StatusOr<typename decltype(Entry::make)::result_type> {
  std::vector<std::string> ids;
  for (const Entry& entry : entries) {
    ids.push_back(entry.info.id());
    if (entry.info.id() != config.id()) continue;
    if (entry.info.version() != config.version()) {
      return absl::NotFoundError(absl::StrCat("method ", config.id(), " has version ",
                                              entry.info.version(), " here, not ",
                                              config.version()));
    }
    EB_ASSIGN_OR_RETURN(
        const ParamMap params,
        CheckedParams(config.id(), "parameter", entry.info.parameters(), config.params()));
    return entry.make(Params(params));
  }
  return absl::NotFoundError(
      absl::StrCat("no ", family, " method '", config.id(), "'", Suggestion(config.id(), ids)));
}

}  // namespace entrobench
