#include "coordinator/services/catalogue.h"

#include <map>
#include <string>
#include <utility>

namespace entrobench {
namespace {

// "10" is higher than "9"; otherwise by letters.
bool HigherVersion(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

template <typename T>
std::vector<T> Values(std::map<std::string, T> entries) {
  std::vector<T> values;
  for (auto& [id, value] : entries) values.push_back(std::move(value));
  return values;
}

}  // namespace

SweepCatalog CurrentCatalog(const Catalogue& catalogue) {
  std::map<std::string, v1::MethodInfo> methods;
  for (const v1::MethodInfo& method : catalogue.methods) {
    const auto [entry, added] = methods.try_emplace(method.id(), method);
    if (!added && HigherVersion(method.version(), entry->second.version())) entry->second = method;
  }
  std::map<std::string, v1::SuiteInfo> suites;
  for (const v1::SuiteInfo& suite : catalogue.suites) suites[suite.id()] = suite;
  for (const v1::SuiteInfo& suite : catalogue.registered) {
    const auto described = suites.find(suite.id());
    // Data that was looked into by another version of the suite has to be added again.
    if (described != suites.end() && described->second.version() != suite.version()) continue;
    suites[suite.id()] = suite;
  }
  SweepCatalog result;
  result.methods = Values(std::move(methods));
  result.suites = Values(std::move(suites));
  result.models = catalogue.models;
  return result;
}

}  // namespace entrobench
