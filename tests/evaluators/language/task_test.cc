// Built twice: as everything else, and without optimisation under AddressSanitizer, where GCC makes
// no tail calls and shows every frame freed twice or not at all.
#include "evaluators/language/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace entrobench {
namespace {

Task<int> Value(int value) { co_return value; }

Task<void> Nothing() { co_return; }

template <typename T>
T RunReady(Task<T> task) {
  task.Start();
  EXPECT_TRUE(task.done());
  return task.Take();
}

TEST(Task, IsLazy) {
  bool ran = false;
  auto body = [&ran]() -> Task<void> {
    ran = true;
    co_return;
  };
  Task<void> task = body();
  EXPECT_FALSE(ran);
  task.Start();
  EXPECT_TRUE(ran);
  EXPECT_TRUE(task.done());
}

Task<int64_t> SumOfReady(int count) {
  int64_t sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await Value(i);
  co_return sum;
}

TEST(Task, AMillionReadyAwaitsNeedNoStack) {
  EXPECT_EQ(RunReady(SumOfReady(1000000)), int64_t{999999} * 1000000 / 2);
}

Task<int> Depth(int levels) {
  if (levels == 0) co_return 0;
  co_return 1 + co_await Depth(levels - 1);
}

TEST(Task, AChainOfAMillionTasksNeedsNoStack) { EXPECT_EQ(RunReady(Depth(1000000)), 1000000); }

TEST(Task, ReadyWorkIsDoneWhenStartReturns) {
  Task<int64_t> task = SumOfReady(3);
  task.Start();
  EXPECT_TRUE(task.done());
}

Task<int> WaitAt(Gate* gate, int value) {
  co_await *gate;
  co_return value;
}

Task<int> DepthAt(Gate* gate, int levels) {
  if (levels == 0) {
    co_await *gate;
    co_return 0;
  }
  co_return 1 + co_await DepthAt(gate, levels - 1);
}

TEST(Task, AClosedGateHoldsAndOpeningItGoesOn) {
  Gate gate;
  Task<int> task = DepthAt(&gate, 100000);
  task.Start();
  EXPECT_FALSE(task.done());
  gate.Open();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.Take(), 100000);
}

TEST(Task, AnOpenGateDoesNotHold) {
  Gate gate;
  gate.Open();
  EXPECT_EQ(RunReady(WaitAt(&gate, 7)), 7);
}

// Writes its name when it is destroyed.
class Trace {
 public:
  Trace(std::string name, std::vector<std::string>* log) : name_(std::move(name)), log_(log) {}
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  ~Trace() { log_->push_back(name_); }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::vector<std::string>* log_;
};

Task<void> Inner(Gate* gate, std::vector<std::string>* log) {
  Trace trace("inner", log);
  co_await *gate;
}

Task<void> Outer(Gate* gate, std::vector<std::string>* log) {
  Trace trace("outer", log);
  co_await Inner(gate, log);
}

TEST(Task, DestroyingAWaitingTaskDestroysItsChainInnermostFirst) {
  std::vector<std::string> log;
  {
    Gate gate;
    Task<void> task = Outer(&gate, &log);
    task.Start();
    EXPECT_TRUE(log.empty());
  }
  EXPECT_EQ(log, (std::vector<std::string>{"inner", "outer"}));
}

TEST(Task, DestroyingALongWaitingChainNeedsNoStack) {
  Gate gate;
  Task<int> task = DepthAt(&gate, 1000000);
  task.Start();
  EXPECT_FALSE(task.done());
}

TEST(Task, DestroyingWhatNeverStartedRunsNothing) {
  std::vector<std::string> log;
  Gate gate;
  { Task<void> task = Outer(&gate, &log); }
  EXPECT_TRUE(log.empty());
}

TEST(Task, MovesItsValue) {
  auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  auto use = [&make]() -> Task<int> {
    std::unique_ptr<int> value = co_await make();
    co_return *value;
  };
  EXPECT_EQ(RunReady(use()), 5);
}

TEST(Task, WhatIsThrownReachesWhoAwaits) {
  auto fail = []() -> Task<int> {
    throw std::runtime_error("no");
    co_return 0;
  };
  auto guard = [&fail]() -> Task<std::string> {
    try {
      co_await fail();
    } catch (const std::runtime_error& error) {
      co_return std::string(error.what());
    }
    co_return std::string("nothing");
  };
  EXPECT_EQ(RunReady(guard()), "no");
  Task<int> root = fail();
  root.Start();
  ASSERT_TRUE(root.done());
  EXPECT_THROW(root.Take(), std::runtime_error);
}

TEST(WhenAll, GivesValuesInTheOrderOfTheTasksNotOfTheirEnds) {
  Gate gates[3];
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 3; ++i) tasks.push_back(WaitAt(&gates[i], i));
  Task<std::vector<int>> all = WhenAll(std::move(tasks));
  all.Start();
  gates[2].Open();
  gates[0].Open();
  EXPECT_FALSE(all.done());
  gates[1].Open();
  ASSERT_TRUE(all.done());
  EXPECT_EQ(all.Take(), (std::vector<int>{0, 1, 2}));
}

TEST(WhenAll, OfNothingIsReady) {
  EXPECT_TRUE(RunReady(WhenAll(std::vector<Task<int>>())).empty());
  RunReady(WhenAll(std::vector<Task<void>>()));
}

TEST(WhenAll, OfManyReadyTasksNeedsNoStack) {
  std::vector<Task<void>> tasks;
  for (int i = 0; i < 200000; ++i) tasks.push_back(Nothing());
  RunReady(WhenAll(std::move(tasks)));
}

TEST(WhenAll, DestroyedWhileWaitingDestroysEveryBranch) {
  std::vector<std::string> log;
  Gate gate[2];
  {
    std::vector<Task<void>> tasks;
    tasks.push_back(Outer(&gate[0], &log));
    tasks.push_back(Outer(&gate[1], &log));
    Task<void> all = WhenAll(std::move(tasks));
    all.Start();
    gate[0].Open();
    EXPECT_EQ(log, (std::vector<std::string>{"inner", "outer"}));
  }
  EXPECT_EQ(log, (std::vector<std::string>{"inner", "outer", "inner", "outer"}));
}

// The traps of GCC 12.2. A type with a constructor may stand inside a co_await expression; with
// these strings too long for the small-string buffer, AddressSanitizer sees a second free.
struct Settings {
  Settings(std::string n, int c) : name(std::move(n)), count(c) {}
  std::string name;
  int count;
};

Task<std::string> Describe(Settings settings, std::string suffix) {
  co_return settings.name + "/" + suffix;
}

TEST(CompilerTraps, TemporariesWithConstructorsInsideCoAwaitAreFreedOnce) {
  auto body = []() -> Task<std::string> {
    std::string all;
    for (int i = 0; i < 3; ++i) {
      all += co_await Describe(Settings(std::string(40, 'a'), i), std::string(50, 'b'));
    }
    co_return all;
  };
  EXPECT_EQ(RunReady(body()).size(), 3u * 91);
}

struct Plain {
  std::string name;
  int count;
};

Task<size_t> Length(Plain plain) { co_return plain.name.size(); }

TEST(CompilerTraps, AnAggregateAsNamedLocalIsFreedOnce) {
  auto body = []() -> Task<size_t> {
    const Plain plain{std::string(100, 'x'), 1};
    const size_t length = co_await Length(plain);
    co_return length;
  };
  EXPECT_EQ(RunReady(body()), 100u);
}

TEST(CompilerTraps, AConditionalAsNamedLocalIsFreedOnce) {
  auto body = [](bool first) -> Task<std::string> {
    const std::string chosen = first ? std::string(40, 'e') : std::string(50, 'f');
    co_return co_await Describe(Settings(chosen, 1), first ? "x" : "y");
  };
  EXPECT_EQ(RunReady(body(true)), std::string(40, 'e') + "/x");
  EXPECT_EQ(RunReady(body(false)), std::string(50, 'f') + "/y");
}

TEST(CompilerTraps, AwaitInAConditionAndInAnArgument) {
  auto body = []() -> Task<std::string> {
    int rounds = 0;
    while (co_await Value(rounds) < 5) ++rounds;
    const int count = co_await Value(rounds);
    co_return co_await Describe(Settings(std::string(40, 'c'), count), std::to_string(count));
  };
  EXPECT_EQ(RunReady(body()), std::string(40, 'c') + "/5");
}

TEST(CompilerTraps, AThrowAcrossAnAwaitFreesTheTemporariesOnce) {
  auto fail = [](Settings settings) -> Task<int> {
    if (settings.count >= 0) throw std::runtime_error(settings.name);
    co_return 0;
  };
  auto body = [&fail]() -> Task<size_t> {
    size_t length = 0;
    try {
      co_await fail(Settings(std::string(64, 'd'), 1));
    } catch (const std::runtime_error& error) {
      length = std::string(error.what()).size();
    }
    co_return length;
  };
  EXPECT_EQ(RunReady(body()), 64u);
}

}  // namespace
}  // namespace entrobench
