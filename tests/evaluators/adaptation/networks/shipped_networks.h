// The files of models/ and the pictures they are measured on.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "evaluators/adaptation/corruptions/corrupted_set.h"
#include "evaluators/adaptation/data/fashion_mnist.h"
#include "evaluators/adaptation/networks/architecture.h"
#include "evaluators/adaptation/torch_network.h"
#include "gtest/gtest.h"

namespace entrobench {

inline std::string ShippedPath(const std::string& name) {
  return std::string(std::getenv("ENTROBENCH_SOURCE_DIR")) + "/models/" + name + ".pt";
}

// Null, with a failed expectation, if it cannot be read.
inline std::unique_ptr<Network> ShippedNetwork(const std::string& name) {
  auto network = LoadTorchNetwork(ShippedPath(name), kNetworkClasses, {1, 28, 28});
  EXPECT_TRUE(network.ok()) << network.status();
  return network.ok() ? std::move(*network) : nullptr;
}

// Fashion-MNIST's test set, read once. As above.
inline const CorruptedSet* FashionTest() {
  static const auto* const set = []() -> const CorruptedSet* {
    auto images = ReadFashionMnist(FashionMnistSplit::kTest, FashionMnistFolder());
    EXPECT_TRUE(images.ok()) << images.status();
    if (!images.ok()) return nullptr;
    return new CorruptedSet(std::make_shared<const ImageSet>(*std::move(images)), /*seed=*/0);
  }();
  return set;
}

}  // namespace entrobench
