#include "evaluators/language/batch_plan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/random.h"

namespace entrobench {
namespace {

// Lanes as they would stand in the batch, fillers in brackets.
std::string Plan(const std::vector<int>& wanted, int lanes, bool never_single) {
  std::string text;
  for (const PlannedRow& row : PlanRows(wanted, lanes, never_single)) {
    const std::string lane = std::to_string(row.lane);
    text += (text.empty() ? "" : " ") + (row.filler ? "[" + lane + "]" : lane);
  }
  return text;
}

TEST(PlanRows, NeighboursNeedNoFiller) { EXPECT_EQ(Plan({2, 3, 4}, 8, true), "2 3 4"); }

TEST(PlanRows, AShortHoleIsFilled) { EXPECT_EQ(Plan({0, 1, 3, 4}, 8, false), "0 1 [2] 3 4"); }

TEST(PlanRows, FillersStayFewerThanWantedRows) {
  EXPECT_EQ(Plan({0, 1, 5, 7}, 8, false), "0 1 5 [6] 7");
  EXPECT_EQ(Plan({0, 7}, 8, false), "0 7");
}

TEST(PlanRows, ALoneRowGetsANeighbourWhereAsked) {
  EXPECT_EQ(Plan({3}, 8, false), "3");
  EXPECT_EQ(Plan({3}, 8, true), "3 [4]");
  EXPECT_EQ(Plan({7}, 8, true), "[6] 7");
  EXPECT_EQ(Plan({0, 7}, 8, true), "0 [1] [6] 7");
}

TEST(PlanRows, WhateverIsWantedIsThereOnceInOrderAndNeverAlone) {
  Random rng(1, 1);
  for (int round = 0; round < 2000; ++round) {
    const int lanes = static_cast<int>(rng.Between(2, 20));
    std::vector<int> wanted;
    for (int lane = 0; lane < lanes; ++lane) {
      if (rng.Below(3) == 0) wanted.push_back(lane);
    }
    if (wanted.empty()) continue;
    const std::vector<PlannedRow> rows = PlanRows(wanted, lanes, true);
    std::vector<int> real;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!rows[i].filler) real.push_back(rows[i].lane);
      if (i > 0) {
        ASSERT_GT(rows[i].lane, rows[i - 1].lane);
      }
      const bool left = i > 0 && rows[i - 1].lane == rows[i].lane - 1;
      const bool right = i + 1 < rows.size() && rows[i + 1].lane == rows[i].lane + 1;
      ASSERT_TRUE(left || right) << "lane " << rows[i].lane << " stands alone";
    }
    ASSERT_EQ(real, wanted);
  }
}

}  // namespace
}  // namespace entrobench
