#include "coordinator/sweep/job_cutter.h"

#include <numeric>
#include <set>
#include <vector>

#include "common/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entrobench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::Trial TrialOf(uint64_t samples, bool ordered = false) {
  v1::Trial trial;
  trial.set_samples(samples);
  trial.mutable_suite()->set_ordered(ordered);
  return trial;
}

TEST(CutJobsTest, CutsSlicesOfFifty) {
  EXPECT_THAT(CutJobs(TrialOf(120), {}),
              ElementsAre(JobSlice{0, 50}, JobSlice{50, 100}, JobSlice{100, 120}));
  EXPECT_THAT(CutJobs(TrialOf(50), {}), ElementsAre(JobSlice{0, 50}));
  EXPECT_THAT(CutJobs(TrialOf(0), {}), IsEmpty());
}

TEST(CutJobsTest, AnOrderedTrialIsOneJob) {
  EXPECT_THAT(CutJobs(TrialOf(120, true), {}), ElementsAre(JobSlice{0, 120}));
  std::vector<uint64_t> all(120);
  std::iota(all.begin(), all.end(), 0u);
  EXPECT_THAT(CutJobs(TrialOf(120, true), all), IsEmpty());
  all.pop_back();
  EXPECT_THAT(CutJobs(TrialOf(120, true), all), ElementsAre(JobSlice{0, 120}));
}

TEST(CutJobsTest, CompleteSlicesAreLeftOut) {
  std::vector<uint64_t> recorded(50);
  std::iota(recorded.begin(), recorded.end(), 50u);
  EXPECT_THAT(CutJobs(TrialOf(120), recorded), ElementsAre(JobSlice{0, 50}, JobSlice{100, 120}));
  recorded.erase(recorded.begin());
  EXPECT_THAT(CutJobs(TrialOf(120), recorded),
              ElementsAre(JobSlice{0, 50}, JobSlice{50, 100}, JobSlice{100, 120}));
}

TEST(CutJobsTest, WhateverIsRecordedTheRestIsCoveredOnce) {
  Random random(1, 1);
  for (int round = 0; round < 300; ++round) {
    const uint64_t samples = random.Below(400);
    const uint64_t step = 1 + random.Below(60);
    std::set<uint64_t> recorded;
    const double density = random.Uniform();
    for (uint64_t id = 0; id < samples; ++id) {
      if (random.Uniform() < density) recorded.insert(id);
    }
    std::set<uint64_t> covered;
    for (const JobSlice& slice :
         CutJobs(TrialOf(samples), std::vector<uint64_t>(recorded.begin(), recorded.end()), step)) {
      EXPECT_LT(slice.begin, slice.end);
      EXPECT_LE(slice.end, samples);
      EXPECT_LE(slice.end - slice.begin, step);
      bool any_new = false;
      for (uint64_t id = slice.begin; id < slice.end; ++id) {
        EXPECT_TRUE(covered.insert(id).second);
        any_new |= recorded.count(id) == 0;
      }
      EXPECT_TRUE(any_new);
    }
    for (uint64_t id = 0; id < samples; ++id) {
      EXPECT_TRUE(covered.count(id) == 1 || recorded.count(id) == 1);
    }
  }
}

}  // namespace
}  // namespace entrobench
