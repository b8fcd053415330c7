#include "worker/result_batcher.h"

#include "gtest/gtest.h"

namespace entrobench {
namespace {

absl::Time At(int ms) { return absl::UnixEpoch() + absl::Milliseconds(ms); }

v1::SampleResult Sample(uint64_t id) {
  v1::SampleResult sample;
  sample.set_sample_id(id);
  return sample;
}

TEST(ResultBatcher, IsFullWithTheFirstOfItsLimits) {
  ResultBatcher by_count(AttemptRef{1, 1}, {.samples = 3, .bytes = 1000});
  by_count.Add(Sample(0), 10, At(0));
  by_count.Add(Sample(1), 10, At(0));
  EXPECT_FALSE(by_count.Full());
  by_count.Add(Sample(2), 10, At(0));
  EXPECT_TRUE(by_count.Full());
  ResultBatcher by_bytes(AttemptRef{1, 1}, {.samples = 3, .bytes = 1000});
  by_bytes.Add(Sample(0), 999, At(0));
  EXPECT_FALSE(by_bytes.Full());
  by_bytes.Add(v1::Point(), 1, At(0));
  EXPECT_TRUE(by_bytes.Full());
}

TEST(ResultBatcher, IsDueByTheAgeOfItsOldestResult) {
  ResultBatcher batcher(AttemptRef{1, 1}, {.age = absl::Milliseconds(200)});
  EXPECT_EQ(batcher.Deadline(), absl::InfiniteFuture());
  batcher.Add(Sample(0), 10, At(50));
  batcher.Add(Sample(1), 10, At(190));
  EXPECT_EQ(batcher.Deadline(), At(250));
  batcher.Take();
  EXPECT_EQ(batcher.Deadline(), absl::InfiniteFuture());
  batcher.Add(Sample(2), 10, At(300));
  EXPECT_EQ(batcher.Deadline(), At(500));
}

TEST(ResultBatcher, NumbersBatchesWithoutAGapAndKeepsTheOrder) {
  ResultBatcher batcher(AttemptRef{7, 2}, {});
  uint64_t id = 0;
  for (uint64_t sequence = 1; sequence <= 4; ++sequence) {
    batcher.Add(Sample(id++), 10, At(0));
    batcher.Add(Sample(id++), 10, At(0));
    EXPECT_EQ(batcher.bytes(), 20u);
    const v1::ResultBatch batch = batcher.Take();
    EXPECT_TRUE(batcher.empty());
    EXPECT_EQ(batch.sequence(), sequence);
    EXPECT_EQ(batch.attempt().job_id(), 7u);
    EXPECT_EQ(batch.attempt().epoch(), 2u);
    ASSERT_EQ(batch.samples_size(), 2);
    EXPECT_EQ(batch.samples(0).sample_id(), id - 2);
    EXPECT_EQ(batch.samples(1).sample_id(), id - 1);
  }
}

}  // namespace
}  // namespace entrobench
