// The dispatcher between a real store and a worker's stream that the test plays.
#include "coordinator/services/dispatcher.h"

#include <gmock/gmock.h>

#include <deque>

#include "tests/coordinator/store/store_fixture.h"

namespace entrobench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What the coordinator sends, in order.
class FakeLink : public WorkerLink {
 public:
  void Send(const v1::CoordinatorMessage& message) override {
    MutexLock lock(&mutex_);
    messages_.push_back(message);
    changed_.NotifyAll();
  }
  void Close(const absl::Status&) override {}

  // The next message of that kind; others before it are dropped.
  v1::CoordinatorMessage Next(v1::CoordinatorMessage::KindCase kind) {
    MutexLock lock(&mutex_);
    for (;;) {
      while (messages_.empty()) changed_.Wait(&mutex_);
      v1::CoordinatorMessage message = std::move(messages_.front());
      messages_.pop_front();
      if (message.kind_case() == kind) return message;
    }
  }
  v1::StartAttempt NextStart() { return Next(v1::CoordinatorMessage::kStart).start(); }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::deque<v1::CoordinatorMessage> messages_ ABSL_GUARDED_BY(mutex_);
};

class DispatcherTest : public StoreTest {
 protected:
  DispatcherTest() : dispatcher_(store_.get(), DispatcherOptions()) {
    EXPECT_TRUE(dispatcher_.Restore().ok());
    SayHello();
  }

  void SayHello() {
    v1::Hello hello;
    hello.set_worker_id("w1");
    hello.set_name("w1");
    hello.mutable_inventory()->set_cores(4);
    hello.mutable_inventory()->set_memory_bytes(uint64_t{8} << 30);
    v1::MethodInfo* method = hello.mutable_catalog()->add_methods();
    method->set_id("greedy");
    method->set_version("1");
    v1::SuiteInfo* suite = hello.mutable_catalog()->add_suites();
    suite->set_id("arith");
    suite->set_version("1");
    dispatcher_.Hello(link_, hello);
  }

  void Submit(bool ordered) {
    NewSweep sweep;
    sweep.name = "a sweep";
    sweep.trials = {MakeTrial(10)};
    sweep.trials[0].mutable_suite()->set_version("1");
    sweep.trials[0].mutable_suite()->set_ordered(ordered);
    sweep.cut_jobs = SlicesOf(10);
    const auto created = WaitFor<absl::StatusOr<CreatedSweep>>(
        [&](auto done) { dispatcher_.Submit(std::move(sweep), done); });
    ASSERT_TRUE(created.ok()) << created.status();
  }

  // Records samples 0 to 3 and a point, then gives the job back.
  void RunSomeAndGiveBack(const v1::StartAttempt& start) {
    v1::ResultBatch batch = Batch(start.attempt().job_id(), start.attempt().epoch(), 1,
                                  Samples(0, 4), v1::AttemptEnd::OUTCOME_CANCELLED);
    batch.add_points()->set_series("online error");
    dispatcher_.Batch(link_, batch);
  }

  const std::shared_ptr<FakeLink> link_ = std::make_shared<FakeLink>();
  Dispatcher dispatcher_;
};

TEST_F(DispatcherTest, ASecondAttemptRunsTheRest) {
  Submit(/*ordered=*/false);
  const v1::StartAttempt first = link_->NextStart();
  EXPECT_THAT(first.skip(), IsEmpty());
  RunSomeAndGiveBack(first);
  const v1::StartAttempt second = link_->NextStart();
  EXPECT_EQ(second.attempt().epoch(), 2u);
  EXPECT_THAT(second.skip(), ElementsAre(0, 1, 2, 3));
}

TEST_F(DispatcherTest, ASecondAttemptOfAnOrderedTrialStartsOver) {
  Submit(/*ordered=*/true);
  RunSomeAndGiveBack(link_->NextStart());
  const v1::StartAttempt second = link_->NextStart();
  EXPECT_EQ(second.attempt().epoch(), 2u);
  EXPECT_THAT(second.skip(), IsEmpty());
  // Its lease is durable by now, and with it that nothing of the first attempt counts.
  EXPECT_EQ(Trial(1).totals().samples(), 0u);
  EXPECT_THAT(Ask([](Reader& reader) { return reader.SeriesNames(1); }), IsEmpty());
}

TEST_F(DispatcherTest, AWorkerThatWasDrainedWhileItWasAwayHearsOfIt) {
  link_->Next(v1::CoordinatorMessage::kWelcome);
  dispatcher_.Gone(link_);
  const absl::Status drained =
      WaitFor<absl::Status>([&](auto done) { dispatcher_.Drain("w1", done); });
  EXPECT_TRUE(drained.ok()) << drained;
  SayHello();
  link_->Next(v1::CoordinatorMessage::kDrain);
}

}  // namespace
}  // namespace entrobench
