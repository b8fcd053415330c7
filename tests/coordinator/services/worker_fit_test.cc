#include "coordinator/services/worker_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::WorkerStatus Worker(const std::string& name, uint32_t cores, bool connected = true) {
  v1::WorkerStatus worker;
  worker.set_name(name);
  worker.set_connected(connected);
  worker.mutable_inventory()->set_cores(cores);
  worker.mutable_inventory()->set_memory_bytes(uint64_t{8} << 30);
  return worker;
}

v1::Trial TrialWith(uint32_t cores, uint32_t gpus = 0) {
  v1::Trial trial;
  trial.mutable_resources()->set_cores(cores);
  trial.mutable_resources()->set_gpus(gpus);
  return trial;
}

TEST(FitWarnings, NameWhatNoConnectedWorkerHas) {
  const std::vector<v1::WorkerStatus> workers = {Worker("a", 2), Worker("b", 4),
                                                 Worker("away", 64, false)};
  EXPECT_THAT(FitWarnings({TrialWith(4), TrialWith(0)}, workers), IsEmpty());
  EXPECT_THAT(FitWarnings({TrialWith(16), TrialWith(16)}, workers),
              ElementsAre("no connected worker can run these jobs, which will wait for another one "
                          "(see `resources`): on a it needs 16 cores, has 2; on b it needs 16 "
                          "cores, has 4"));
  EXPECT_THAT(FitWarnings({TrialWith(1), TrialWith(1, 1)}, {workers[0]}),
              ElementsAre("no connected worker can run the jobs of 1 trial, which will wait for "
                          "another one (see `resources`): on a it needs 1 GPU, has 0"));
}

TEST(FitWarnings, SayNothingWhileNoWorkerIsConnected) {
  EXPECT_THAT(FitWarnings({TrialWith(16)}, {}), IsEmpty());
  EXPECT_THAT(FitWarnings({TrialWith(16)}, {Worker("away", 1, false)}), IsEmpty());
}

}  // namespace
}  // namespace entrobench
