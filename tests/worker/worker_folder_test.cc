#include "worker/worker_folder.h"

#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/scratch_folder.h"

namespace entrobench {
namespace {

TEST(WorkerFolder, KeepsItsIdentity) {
  ScratchFolder scratch;
  std::string id;
  {
    const auto folder = WorkerFolder::Open(scratch / "worker");
    ASSERT_TRUE(folder.ok()) << folder.status().message();
    id = (*folder)->worker_id();
    EXPECT_THAT(id, testing::MatchesRegex("[0-9a-f]{32}"));
  }
  EXPECT_EQ((*WorkerFolder::Open(scratch / "worker"))->worker_id(), id);
  EXPECT_NE((*WorkerFolder::Open(scratch / "other"))->worker_id(), id);
}

TEST(WorkerFolder, IsForOneWorkerAtATime) {
  ScratchFolder scratch;
  const auto first = WorkerFolder::Open(scratch / "worker");
  const auto second = WorkerFolder::Open(scratch / "worker");
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  EXPECT_THAT(std::string(second.status().message()),
              testing::HasSubstr("process " + std::to_string(getpid())));
}

}  // namespace
}  // namespace entrobench
