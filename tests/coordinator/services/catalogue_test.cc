#include "coordinator/services/catalogue.h"

#include <gtest/gtest.h>

#include <string>

namespace entrobench {
namespace {

v1::MethodInfo Method(const std::string& id, const std::string& version) {
  v1::MethodInfo method;
  method.set_id(id);
  method.set_version(version);
  return method;
}

v1::SuiteInfo Suite(const std::string& id, const std::string& version, uint64_t samples) {
  v1::SuiteInfo suite;
  suite.set_id(id);
  suite.set_version(version);
  suite.set_samples(samples);
  return suite;
}

TEST(CurrentCatalog, TakesTheHighestVersionOfAMethod) {
  Catalogue catalogue;
  catalogue.methods = {Method("top-h", "9"), Method("top-h", "10"), Method("top-h", "2")};
  const SweepCatalog current = CurrentCatalog(catalogue);
  ASSERT_EQ(current.methods.size(), 1u);
  EXPECT_EQ(current.methods[0].version(), "10");
}

TEST(CurrentCatalog, ASuiteWithItsDataReplacesTheOneWithout) {
  Catalogue catalogue;
  catalogue.suites = {Suite("gsm8k", "1", 0), Suite("arith", "1", 1000)};
  catalogue.registered = {Suite("gsm8k", "1", 1319)};
  const SweepCatalog current = CurrentCatalog(catalogue);
  ASSERT_EQ(current.suites.size(), 2u);
  EXPECT_EQ(current.suites[1].id(), "gsm8k");
  EXPECT_EQ(current.suites[1].samples(), 1319u);
}

TEST(CurrentCatalog, DataThatAnotherVersionLookedIntoHasToBeAddedAgain) {
  Catalogue catalogue;
  catalogue.suites = {Suite("gsm8k", "2", 0)};
  catalogue.registered = {Suite("gsm8k", "1", 1319)};
  const SweepCatalog current = CurrentCatalog(catalogue);
  ASSERT_EQ(current.suites.size(), 1u);
  EXPECT_EQ(current.suites[0].samples(), 0u);
}

TEST(CurrentCatalog, AUsersOwnSuiteStandsBesideTheOthers) {
  Catalogue catalogue;
  catalogue.suites = {Suite("arith", "1", 1000)};
  catalogue.registered = {Suite("mine", "1", 12)};
  EXPECT_EQ(CurrentCatalog(catalogue).suites.size(), 2u);
}

}  // namespace
}  // namespace entrobench
