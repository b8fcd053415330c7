// A method as people call it in tables: its id and only the parameters that say something. Methods
// have many parameters, nearly all at their defaults.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/client.h"
#include "entrobench/v1/entrobench.pb.h"

namespace entrobench::cli {

class MethodLabels {
 public:
  // Knows no defaults: every parameter is shown.
  MethodLabels() = default;
  // `catalog` tells the defaults; `shown` are all the methods of one table. A parameter is left out
  // when it is at its default in every row of its method and the catalogue's version of the method
  // is the row's.
  MethodLabels(const v1::ListMethodsReply& catalog, const std::vector<v1::MethodConfig>& shown);

  // "top-h alpha=0.5"; "top-h" when all parameters are at their defaults.
  std::string Label(const v1::MethodConfig& method) const;

  bool leaves_out() const { return !hidden_.empty(); }

 private:
  std::set<std::pair<std::string, std::string>> hidden_;  // (method id, parameter name)
};

// With the defaults of the coordinator's catalogue; where it cannot be read, none is known.
MethodLabels LabelsFor(Client& client, const std::vector<v1::MethodConfig>& shown);

}  // namespace entrobench::cli
