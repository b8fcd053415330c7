#include "worker/attempt_limits.h"

#include "gtest/gtest.h"

namespace entrobench {
namespace {

constexpr absl::Time kStart = absl::UnixEpoch();

TEST(AttemptLimits, NothingIsDueWhileIdle) {
  AttemptLimits limits({}, kStart);
  limits.Greeted();
  EXPECT_EQ(limits.Breach(uint64_t{1} << 50, kStart + absl::Hours(1000)), "");
  EXPECT_EQ(limits.NextDeadline(), absl::InfiniteFuture());
}

TEST(AttemptLimits, EveryResultBuysTheWholeTimeAgain) {
  AttemptLimits limits({}, kStart);
  limits.Greeted();
  limits.Started(0, kStart);
  absl::Time now = kStart;
  for (int i = 0; i < 10; ++i) {
    now += absl::Minutes(9);
    EXPECT_EQ(limits.Breach(0, now), "");
    limits.Progressed(now);
  }
  EXPECT_EQ(limits.NextDeadline(), now + absl::Minutes(10));
  EXPECT_EQ(limits.Breach(0, now + absl::Minutes(10) - absl::Nanoseconds(1)), "");
  EXPECT_EQ(limits.Breach(0, now + absl::Minutes(10)), "ended: no result for 10m");
}

TEST(AttemptLimits, ACancelShortensTheTimeToItsGraceHoweverOftenItIsSaid) {
  AttemptLimits limits({}, kStart);
  limits.Greeted();
  limits.Started(0, kStart);
  limits.Cancelled(kStart + absl::Seconds(1));
  limits.Cancelled(kStart + absl::Milliseconds(1500));
  EXPECT_EQ(limits.NextDeadline(), kStart + absl::Milliseconds(1700));
  EXPECT_EQ(limits.Breach(0, kStart + absl::Milliseconds(1699)), "");
  EXPECT_EQ(limits.Breach(0, kStart + absl::Milliseconds(1700)),
            "ended: did not stop within 700ms of being cancelled");
}

TEST(AttemptLimits, ACancelDoesNotOutliveItsAttempt) {
  AttemptLimits limits({}, kStart);
  limits.Greeted();
  limits.Cancelled(kStart);  // nothing runs
  limits.Started(0, kStart);
  EXPECT_EQ(limits.Breach(0, kStart + absl::Seconds(5)), "");
  limits.Cancelled(kStart);
  limits.Finished();
  limits.Started(0, kStart);
  EXPECT_EQ(limits.Breach(0, kStart + absl::Seconds(5)), "");
}

TEST(AttemptLimits, TheMemoryLimitIsOfTheAttemptThatSetIt) {
  AttemptLimits limits({}, kStart);
  limits.Greeted();
  limits.Started(uint64_t{2} << 30, kStart);
  EXPECT_EQ(limits.Breach(uint64_t{2} << 30, kStart), "");
  EXPECT_EQ(limits.Breach(uint64_t{3355443200}, kStart), "ended: 3.1 GiB resident, limit 2 GiB");
  limits.Finished();
  limits.Started(0, kStart);
  EXPECT_EQ(limits.Breach(uint64_t{1} << 40, kStart), "");
}

TEST(AttemptLimits, WorkGivenBeforeTheHelloCounts) {
  AttemptLimits limits({}, kStart);
  EXPECT_EQ(limits.Breach(0, kStart + absl::Minutes(1)),
            "ended: said nothing within 1m of its start");
  limits.Started(0, kStart);
  limits.Greeted();
  EXPECT_EQ(limits.Breach(0, kStart + absl::Minutes(10)), "ended: no result for 10m");
}

TEST(HumanBytes, OneDecimalWhereItTells) {
  EXPECT_EQ(HumanBytes(0), "0 bytes");
  EXPECT_EQ(HumanBytes(1023), "1023 bytes");
  EXPECT_EQ(HumanBytes(1536), "1.5 KiB");
  EXPECT_EQ(HumanBytes(512 << 20), "512 MiB");
  EXPECT_EQ(HumanBytes(uint64_t{1} << 40), "1 TiB");
}

}  // namespace
}  // namespace entrobench
