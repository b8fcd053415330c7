#include "cli/method_label.h"

#include "cli/format.h"
#include "common/value.h"

namespace entrobench::cli {

MethodLabels::MethodLabels(const v1::ListMethodsReply& catalog,
                           const std::vector<v1::MethodConfig>& shown) {
  for (const v1::MethodInfo& info : catalog.methods()) {
    for (const v1::Parameter& parameter : info.parameters()) {
      const std::string usual = CanonicalValue(parameter.default_value());
      bool present = false, usual_everywhere = true;
      for (const v1::MethodConfig& method : shown) {
        if (method.id() != info.id()) continue;
        const auto value = method.params().find(parameter.name());
        present = true;
        usual_everywhere &= method.version() == info.version() && value != method.params().end() &&
                            CanonicalValue(value->second) == usual;
      }
      if (present && usual_everywhere) hidden_.insert({info.id(), parameter.name()});
    }
  }
}

std::string MethodLabels::Label(const v1::MethodConfig& method) const {
  v1::MethodConfig telling = method;
  for (const auto& [name, value] : method.params()) {
    if (hidden_.count({method.id(), name}) > 0) telling.mutable_params()->erase(name);
  }
  return MethodText(telling);
}

MethodLabels LabelsFor(Client& client, const std::vector<v1::MethodConfig>& shown) {
  const absl::StatusOr<v1::ListMethodsReply> catalog = client.ListMethods();
  return catalog.ok() ? MethodLabels(*catalog, shown) : MethodLabels();
}

}  // namespace entrobench::cli
