#include "worker/outbox.h"

#include <future>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/scratch_folder.h"

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::ResultBatch Batch(uint64_t job, uint64_t sequence) {
  v1::ResultBatch batch;
  batch.mutable_attempt()->set_job_id(job);
  batch.mutable_attempt()->set_epoch(1);
  batch.set_sequence(sequence);
  batch.add_samples()->set_answer(std::string(100, 'x'));
  return batch;
}

// An outbox on a thread of its own, spoken to from the test.
class OutboxTest : public testing::Test {
 protected:
  void Open(uint64_t limit_bytes = 1 << 20, size_t kept_in_memory = 1 << 20) {
    Close();
    Spool::Options options;
    options.directory = scratch_ / "spool";
    options.limit_bytes = limit_bytes;
    spool_ = *Spool::Open(options);
    owner_ = std::make_unique<Executor>("owner");
    outbox_ = std::make_unique<Outbox>(Outbox::Options{kept_in_memory}, spool_.get(), owner_.get(),
                                       [this] {
                                         MutexLock lock(&mutex_);
                                         ++changes_;
                                         changed_.NotifyAll();
                                       });
  }
  void Close() {
    if (owner_ != nullptr) owner_->Stop();
    outbox_.reset();
    owner_.reset();
    spool_.reset();
  }
  void TearDown() override { Close(); }

  void Do(std::function<void()> task) {
    std::promise<void> done;
    owner_->Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  void Add(uint64_t job, uint64_t sequence) {
    Do([&] {
      outbox_->Add(Batch(job, sequence), [this] {
        MutexLock lock(&mutex_);
        ++released_;
        changed_.NotifyAll();
      });
    });
  }
  void WaitForReleased(int count) {
    MutexLock lock(&mutex_);
    while (released_ < count) changed_.Wait(&mutex_);
  }
  void WaitForDisk(bool ok) {
    for (;;) {
      int seen = 0;
      {
        MutexLock lock(&mutex_);
        seen = changes_;
      }
      bool now = false;
      Do([&] { now = outbox_->disk_error().ok(); });
      if (now == ok) return;
      MutexLock lock(&mutex_);
      while (changes_ == seen) changed_.Wait(&mutex_);
    }
  }
  // "job:sequence" of all that can be sent now.
  std::vector<std::string> SendAll() {
    std::vector<std::string> sent;
    Do([&] {
      while (auto batch = outbox_->Next()) {
        EXPECT_EQ(batch->samples(0).answer().size(), 100u);
        sent.push_back(absl::StrCat(batch->attempt().job_id(), ":", batch->sequence()));
      }
    });
    return sent;
  }
  int released() {
    MutexLock lock(&mutex_);
    return released_;
  }

  ScratchFolder scratch_;
  Mutex mutex_;
  CondVar changed_;
  int changes_ ABSL_GUARDED_BY(mutex_) = 0;
  int released_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Executor> owner_;
  std::unique_ptr<Outbox> outbox_;
};

TEST_F(OutboxTest, SendsOnceAndAgainAfterAnInterruptionUntilAcknowledged) {
  Open();
  Add(1, 1);
  Add(1, 2);
  Add(2, 1);
  WaitForReleased(3);
  EXPECT_THAT(SendAll(), testing::UnorderedElementsAre("1:1", "1:2", "2:1"));
  EXPECT_THAT(SendAll(), IsEmpty());
  Do([&] {
    outbox_->Acknowledge({1, 1}, 1);
    outbox_->ResendAll();
  });
  EXPECT_THAT(SendAll(), testing::UnorderedElementsAre("1:2", "2:1"));
  Do([&] {
    outbox_->Acknowledge({1, 1}, 2);
    outbox_->Drop({2, 1});
    EXPECT_TRUE(outbox_->empty());
    outbox_->ResendAll();
  });
  EXPECT_THAT(SendAll(), IsEmpty());
  EXPECT_THAT(spool_->held(), IsEmpty());
}

TEST_F(OutboxTest, AttemptsTakeTurns) {
  Open();
  for (uint64_t i = 1; i <= 3; ++i) Add(1, i);
  for (uint64_t i = 1; i <= 2; ++i) Add(2, i);
  WaitForReleased(5);
  EXPECT_THAT(SendAll(), ElementsAre("1:1", "2:1", "1:2", "2:2", "1:3"));
}

TEST_F(OutboxTest, WhatIsSentIsOnDiskAlready) {
  Open();
  Do([&] {
    outbox_->Add(Batch(1, 1), [] {});
    // Its write cannot have been reported: that report is a task behind this one.
    EXPECT_FALSE(outbox_->Next().has_value());
  });
  for (;;) {
    const auto sent = SendAll();
    if (sent.empty()) continue;
    EXPECT_THAT(sent, ElementsAre("1:1"));
    break;
  }
  EXPECT_TRUE(spool_->Read({1, 1}, 1).ok());
}

TEST_F(OutboxTest, TakesUpWhatAnEarlierWorkerLeft) {
  Open();
  Add(1, 1);
  Add(1, 2);
  WaitForReleased(2);
  Open();
  EXPECT_THAT(SendAll(), ElementsAre("1:1", "1:2"));
}

TEST_F(OutboxTest, WhatWasStillOnItsWayToDiskIsThereAfterwards) {
  Open();
  Do([&] {
    for (uint64_t i = 1; i <= 20; ++i) outbox_->Add(Batch(1, i), [] {});
  });
  Close();
  Open();
  ASSERT_EQ(spool_->held().size(), 1u);
  EXPECT_EQ(spool_->held()[0].last, 20u);
}

TEST_F(OutboxTest, ReadsBackWhatDoesNotFitInMemory) {
  Open(1 << 20, /*kept_in_memory=*/250);
  for (uint64_t i = 1; i <= 30; ++i) Add(1, i);
  WaitForReleased(30);
  EXPECT_EQ(SendAll().size(), 30u);
}

TEST_F(OutboxTest, AFullDiskKeepsThingsInMemorySendsThemAndHoldsTheirClaim) {
  Open(/*limit_bytes=*/250);
  Add(1, 1);
  WaitForReleased(1);
  Add(1, 2);
  Add(1, 3);
  WaitForDisk(false);
  EXPECT_EQ(released(), 1);
  EXPECT_THAT(SendAll(), ElementsAre("1:1", "1:2", "1:3"));
  // Acknowledged: they need no disk any more, and there is room again.
  Do([&] { outbox_->Acknowledge({1, 1}, 2); });
  EXPECT_EQ(released(), 2);
  Do([&] { outbox_->RetryDisk(); });
  WaitForDisk(true);
  WaitForReleased(3);
  EXPECT_TRUE(spool_->Read({1, 1}, 3).ok());
  EXPECT_THAT(SendAll(), IsEmpty());
}

}  // namespace
}  // namespace entrobench
