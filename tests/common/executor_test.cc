#include "common/executor.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace entrobench {
namespace {

TEST(Executor, RunsTasksInOrderOnOneThread) {
  std::vector<int> order;  // no lock: only the executor's thread touches it
  {
    Executor executor("test");
    for (int i = 0; i < 1000; ++i) {
      executor.Post([&order, &executor, i] {
        EXPECT_TRUE(executor.InThisThread());
        order.push_back(i);
      });
    }
  }  // Stop() runs what was posted
  ASSERT_EQ(order.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

TEST(Executor, DelayedTasksComeInTheOrderOfTheirTimes) {
  Executor executor("test");
  std::vector<int> order;
  std::promise<void> last;
  executor.Post([&] {
    executor.PostAfter(absl::Milliseconds(20), [&] {
      order.push_back(2);
      last.set_value();
    });
    executor.PostAfter(absl::Milliseconds(5), [&] { order.push_back(1); });
    executor.Post([&] { order.push_back(0); });
  });
  last.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(Executor, DropsWhatIsPostedAfterStop) {
  Executor executor("test");
  executor.Stop();
  bool ran = false;
  executor.Post([&ran] { ran = true; });
  executor.Stop();
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace entrobench
