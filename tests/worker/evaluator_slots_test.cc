#include "worker/evaluator_slots.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

absl::Time At(int seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }

// An idle evaluator that holds `model` since `since`.
void AddIdle(EvaluatorSlots* slots, EvaluatorSlots::Id id, const std::string& model, int since,
             uint64_t resident = 0) {
  slots->Add(id, At(0));
  slots->SetBusy(id, model);
  slots->SetIdle(id, At(since));
  slots->SetResident(id, resident);
}

TEST(EvaluatorSlots, PrefersTheOneThatHoldsTheModelThenOneThatHoldsNone) {
  EvaluatorSlots slots({.most = 3});
  AddIdle(&slots, 1, "a", 10);
  AddIdle(&slots, 2, "b", 20);
  slots.Add(3, At(5));
  EXPECT_EQ(slots.Place("a", 0)->use, 1u);
  EXPECT_EQ(slots.Place("b", 0)->use, 2u);
  EXPECT_EQ(slots.Place("c", 0)->use, 3u);
  EXPECT_THAT(slots.Place("c", 0)->evict, IsEmpty());
}

TEST(EvaluatorSlots, StartsAnotherWhileThereIsRoomThenTheLongestIdleMakesIt) {
  EvaluatorSlots slots({.most = 3});
  AddIdle(&slots, 1, "a", 30);
  AddIdle(&slots, 2, "b", 20);
  auto placement = slots.Place("c", 0);
  EXPECT_FALSE(placement->use.has_value());
  EXPECT_THAT(placement->evict, IsEmpty());
  AddIdle(&slots, 3, "c", 25);
  placement = slots.Place("d", 0);
  EXPECT_FALSE(placement->use.has_value());
  EXPECT_THAT(placement->evict, ElementsAre(2u));
}

TEST(EvaluatorSlots, ABusyOneIsNeitherUsedNorEvicted) {
  EvaluatorSlots slots({.most = 2});
  AddIdle(&slots, 1, "a", 1);
  AddIdle(&slots, 2, "b", 2);
  slots.SetBusy(1, "a");
  EXPECT_THAT(slots.Place("a", 0)->evict, ElementsAre(2u));
  slots.SetBusy(2, "b");
  EXPECT_FALSE(slots.Place("a", 0).has_value());
}

TEST(EvaluatorSlots, IdleOnesMakeRoomInMemoryButTheChosenOneStays) {
  EvaluatorSlots slots({.most = 8, .memory_bytes = 100});
  AddIdle(&slots, 1, "a", 1, 40);
  AddIdle(&slots, 2, "b", 2, 40);
  EXPECT_THAT(slots.Place("c", 20)->evict, IsEmpty());
  EXPECT_THAT(slots.Place("c", 21)->evict, ElementsAre(1u));
  EXPECT_THAT(slots.Place("c", 61)->evict, ElementsAre(1u, 2u));
  EXPECT_THAT(slots.Place("a", 1000)->evict, IsEmpty());  // it has its memory already
  slots.SetResident(1, 70);
  EXPECT_THAT(slots.OverMemory(), ElementsAre(1u));
  const auto placement = slots.Place("a", 0);
  EXPECT_EQ(placement->use, 1u);
  EXPECT_THAT(placement->evict, ElementsAre(2u));
}

TEST(EvaluatorSlots, WorkWithoutAModelTakesAnyIdleOneAndLeavesItsModel) {
  EvaluatorSlots slots({.most = 1});
  AddIdle(&slots, 1, "a", 1, 7);
  EXPECT_EQ(slots.Place("", 0)->use, 1u);
  slots.SetBusy(1, "");
  slots.SetIdle(1, At(2));
  EXPECT_THAT(slots.WarmModels(), ElementsAre("a"));
  EXPECT_EQ(slots.ResidentBytes(), 7u);
}

}  // namespace
}  // namespace entrobench
