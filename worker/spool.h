// Results on disk until the coordinator has them: the reason that an outage, or a kill -9 of the
// worker, costs nothing that was already computed.
//
// The format is described in docs/spool.md: segment files of checked records, each a ResultBatch or
// an acknowledgement. A torn tail (the machine lost power while writing) is ignored; a record whose
// checksum does not match is skipped, and its attempt with it, because an attempt's batches leave
// no gap.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/mutex.h"
#include "entrobench/v1/worker.pb.h"
#include "worker/attempt_ref.h"

namespace entrobench {

// Safe for several threads. Append may block on the disk; nothing else does for long.
class Spool {
 public:
  struct Options {
    std::string directory;              // made when it is not there
    uint64_t segment_bytes = 8u << 20;  // a segment that is larger is followed by a new one
    uint64_t limit_bytes = 1u << 30;    // of all segments together
  };

  // An attempt that the spool holds batches of.
  struct Held {
    AttemptRef attempt;
    uint64_t first = 0;  // sequence numbers [first, last]
    uint64_t last = 0;
    bool ended = false;  // batch `last` carries the attempt's end
  };

  // Reads what an earlier worker left. Nothing else may use the directory meanwhile.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(Options options);
  ~Spool();  // when everything is acknowledged, leaves no file behind
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // Writes the batches, in this order, and syncs once: when it returns OK they survive a power
  // loss. ResourceExhausted: the disk is full or limit_bytes is reached; on any error none of them
  // is kept. An attempt's sequence numbers rise by one.
  absl::Status Append(absl::Span<const v1::ResultBatch* const> batches)
      ABSL_LOCKS_EXCLUDED(append_mutex_, mutex_);

  // NotFound: was never appended, is acknowledged or dropped. DataLoss: the disk gave back
  // something else.
  absl::StatusOr<v1::ResultBatch> Read(AttemptRef attempt, uint64_t sequence) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Forgets the attempt's batches up to `sequence`. Not synced: after a power loss some may be
  // there again, and the coordinator does not count them twice.
  void Acknowledge(AttemptRef attempt, uint64_t sequence) ABSL_LOCKS_EXCLUDED(mutex_);
  void Drop(AttemptRef attempt) ABSL_LOCKS_EXCLUDED(mutex_);  // all of them

  std::vector<Held> held() const ABSL_LOCKS_EXCLUDED(mutex_);  // by attempt
  uint64_t disk_bytes() const ABSL_LOCKS_EXCLUDED(mutex_);

  // What Open had to give up, for the log; empty when all was well.
  const std::vector<std::string>& damage() const { return damage_; }

 private:
  struct Segment;
  struct Place {  // of one batch
    std::shared_ptr<Segment> segment;
    uint64_t offset = 0;  // of the record
    uint32_t size = 0;    // of the whole record
    bool end = false;
  };
  struct Attempt {
    std::map<uint64_t, Place> batches;  // by sequence number
    uint64_t acknowledged = 0;          // the highest number acknowledged
  };

  explicit Spool(Options options) : options_(std::move(options)) {}

  absl::Status Recover() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status RecoverSegment(uint64_t number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropAttemptsWithGaps() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status StartSegment() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Removes the batches up to `sequence` from the index, writes that down, frees dead segments.
  void Forget(AttemptRef attempt, uint64_t sequence, bool dropped)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteNotes() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RemoveDeadSegments() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  bool recovered_ = false;  // Open succeeded
  std::vector<std::string> damage_;
  Mutex append_mutex_;  // one Append at a time; taken before mutex_
  mutable Mutex mutex_;
  std::map<AttemptRef, Attempt> attempts_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, std::shared_ptr<Segment>> segments_ ABSL_GUARDED_BY(mutex_);  // by number
  std::shared_ptr<Segment> current_ ABSL_GUARDED_BY(mutex_);  // the one written to; may be null
  bool appending_ ABSL_GUARDED_BY(mutex_) = false;  // Append writes to current_ without the lock
  std::string notes_ ABSL_GUARDED_BY(mutex_);       // records of acknowledgements, not yet written
  uint64_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace entrobench
