#include "coordinator/store/reader_pool.h"

#include <pthread.h>

#include <utility>

#include "common/logging.h"
#include "common/status_macros.h"

namespace entrobench {

absl::StatusOr<std::unique_ptr<ReaderPool>> ReaderPool::Open(const std::string& path, int threads) {
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < threads; ++i) {
    EB_ASSIGN_OR_RETURN(std::unique_ptr<Connection> db,
                        Connection::Open(path, Connection::Mode::kReadOnly));
    connections.push_back(std::move(db));
  }
  return std::unique_ptr<ReaderPool>(new ReaderPool(std::move(connections)));
}

ReaderPool::ReaderPool(std::vector<std::unique_ptr<Connection>> connections)
    : connections_(std::move(connections)) {
  for (const auto& db : connections_) {
    threads_.emplace_back([this, connection = db.get()] { Loop(connection); });
    pthread_setname_np(threads_.back().native_handle(), "store-reader");
  }
}

ReaderPool::~ReaderPool() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  wake_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
}

void ReaderPool::Run(std::function<void(Reader&)> task) {
  {
    MutexLock lock(&mutex_);
    queue_.push_back(std::move(task));
  }
  wake_.NotifyOne();
}

void ReaderPool::Loop(Connection* db) {
  Reader reader(db);
  for (;;) {
    std::function<void(Reader&)> task;
    {
      MutexLock lock(&mutex_);
      while (queue_.empty() && !stopping_) wake_.Wait(&mutex_);
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    // When it cannot begin, each of the task's questions says so itself.
    if (const absl::Status begun = db->Prepare("BEGIN").Run(); !begun.ok()) {
      EB_LOG(ERROR) << "a read without a snapshot: " << begun.message();
    }
    task(reader);
    if (db->in_transaction()) db->Prepare("COMMIT").Run().IgnoreError();
  }
}

}  // namespace entrobench
