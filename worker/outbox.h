// Every batch between its making and its acknowledgement: on disk first, then on its way, then on
// its way again after each interruption.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/executor.h"
#include "entrobench/v1/worker.pb.h"
#include "worker/attempt_ref.h"
#include "worker/spool.h"

namespace entrobench {

// A batch is sent only once the disk has it: what the coordinator may have counted is then never
// made anew under the same number. Only while the disk is full are batches sent from memory; their
// results keep their claim on the evaluator's unconsumed bytes, which bounds them.
//
// All members are called on `owner`; the disk is written by a thread of the outbox.
class Outbox {
 public:
  struct Options {
    size_t kept_in_memory = 16u << 20;  // of batches that the disk has too, to save reading back
  };

  // `spool` and `owner` outlive the outbox. `changed` is called on `owner` when Next() may have
  // something that it had not before.
  Outbox(Options options, Spool* spool, Executor* owner, std::function<void()> changed);
  ~Outbox();  // what is not on disk yet goes there first
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // `released` is called once, on `owner`, when the batch no longer takes memory that its evaluator
  // accounts for: the disk has it, or it is acknowledged or dropped.
  void Add(v1::ResultBatch batch, std::function<void()> released);

  // The next batch to send: an attempt's in order, attempts in turn; nothing when all that may be
  // sent is sent.
  std::optional<v1::ResultBatch> Next();

  void ResendAll();  // the connection broke: what is not acknowledged is to be sent again
  void Acknowledge(AttemptRef attempt, uint64_t sequence);  // and all before it
  void Drop(AttemptRef attempt);

  // Tries again to write what the disk refused. Call it once a second or so while disk_error() is
  // set.
  void RetryDisk();

  // Not OK: the disk takes nothing now.
  const absl::Status& disk_error() const { return disk_error_; }

  std::vector<AttemptRef> attempts() const;  // those with batches not acknowledged
  bool empty() const { return attempts_.empty(); }

 private:
  // A batch from Add to Acknowledge.
  struct Entry {
    std::shared_ptr<const v1::ResultBatch> batch;  // null: read it from the spool
    size_t bytes = 0;
    bool stored = false;
    std::function<void()> released;
  };
  struct Attempt {
    std::map<uint64_t, Entry> entries;  // by sequence number; never empty
    uint64_t next = 0;                  // the first that is not sent
  };

  void StoreWaiting();
  void Stored(std::vector<std::shared_ptr<const v1::ResultBatch>> batches, absl::Status status);
  void Forget(Entry* entry);

  const Options options_;
  Spool* const spool_;
  Executor* const owner_;
  const std::function<void()> changed_;
  std::map<AttemptRef, Attempt> attempts_;
  AttemptRef last_sent_;  // whose turn it was
  std::vector<std::shared_ptr<const v1::ResultBatch>> to_store_;
  bool storing_ = false;  // the disk thread is at work
  size_t kept_bytes_ = 0;
  absl::Status disk_error_;
  std::shared_ptr<bool> alive_;  // false once this is gone: late tasks on `owner` do nothing
  Executor disk_;
};

}  // namespace entrobench
