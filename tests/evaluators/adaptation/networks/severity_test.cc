// The severities mean something to a network: each is harder than the one below.
#include <string>
#include <vector>

#include "evaluators/adaptation/networks/accuracy.h"
#include "tests/evaluators/adaptation/networks/shipped_networks.h"

namespace entrobench {
namespace {

class Severity : public testing::TestWithParam<int> {};

std::string NameOf(const testing::TestParamInfo<int>& info) {
  return std::string(Corruptions()[static_cast<size_t>(info.param)].name);
}

TEST_P(Severity, RaisesTheErrorOfTheUnadaptedNetwork) {
  constexpr int kPictures = 2000;
  ASSERT_NE(FashionTest(), nullptr);
  const auto network = ShippedNetwork("fashion-bn");
  ASSERT_NE(network, nullptr);
  std::vector<double> errors;
  for (int severity = 0; severity <= kSeverities; ++severity) {
    const auto accuracy = Accuracy(network.get(), *FashionTest(), kPictures, GetParam(), severity);
    ASSERT_TRUE(accuracy.ok()) << accuracy.status();
    errors.push_back(1 - *accuracy);
    if (severity > 0) {
      EXPECT_GT(errors[severity], errors[severity - 1]) << "severity " << severity;
    }
  }
  EXPECT_GE(errors[kSeverities], 0.2);  // hard enough to tell methods apart,
  EXPECT_LE(errors[kSeverities], 0.8);  // and not at chance, which is 0.9
}

INSTANTIATE_TEST_SUITE_P(Corruptions, Severity,
                         testing::Range(0, static_cast<int>(Corruptions().size())), NameOf);

}  // namespace
}  // namespace entrobench
