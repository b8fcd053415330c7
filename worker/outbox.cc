#include "worker/outbox.h"

#include <algorithm>
#include <utility>

#include "common/logging.h"

namespace entrobench {

Outbox::Outbox(Options options, Spool* spool, Executor* owner, std::function<void()> changed)
    : options_(options),
      spool_(spool),
      owner_(owner),
      changed_(std::move(changed)),
      alive_(std::make_shared<bool>(true)),
      disk_("spool") {
  for (const Spool::Held& held : spool_->held()) {
    Attempt& attempt = attempts_[held.attempt];
    attempt.next = held.first;
    for (uint64_t sequence = held.first; sequence <= held.last; ++sequence) {
      attempt.entries[sequence].stored = true;
    }
  }
}

Outbox::~Outbox() {
  *alive_ = false;
  disk_.Stop();
  std::vector<const v1::ResultBatch*> rest;
  for (const auto& batch : to_store_) rest.push_back(batch.get());
  if (!rest.empty()) {
    const absl::Status status = spool_->Append(rest);
    if (!status.ok()) {
      EB_LOG(ERROR) << rest.size() << " batches of results are lost and will be computed again: "
                    << status.message();
    }
  }
}

void Outbox::Add(v1::ResultBatch batch, std::function<void()> released) {
  auto shared = std::make_shared<const v1::ResultBatch>(std::move(batch));
  Entry entry;
  entry.batch = shared;
  entry.bytes = shared->ByteSizeLong();
  entry.released = std::move(released);
  kept_bytes_ += entry.bytes;
  Attempt& attempt = attempts_[RefOf(shared->attempt())];
  if (attempt.entries.empty()) attempt.next = shared->sequence();
  attempt.entries[shared->sequence()] = std::move(entry);
  to_store_.push_back(std::move(shared));
  if (disk_error_.ok()) {
    StoreWaiting();
  } else {
    changed_();  // it may be sent at once
  }
}

void Outbox::StoreWaiting() {
  if (storing_ || to_store_.empty()) return;
  storing_ = true;
  // All that wait go with one sync.
  auto batches = std::exchange(to_store_, {});
  disk_.Post([this, batches = std::move(batches), alive = alive_]() mutable {
    std::vector<const v1::ResultBatch*> pointers;
    for (const auto& batch : batches) pointers.push_back(batch.get());
    const absl::Status status = spool_->Append(pointers);
    owner_->Post([this, batches = std::move(batches), status, alive]() mutable {
      if (*alive) Stored(std::move(batches), status);
    });
  });
}

void Outbox::Stored(std::vector<std::shared_ptr<const v1::ResultBatch>> batches,
                    absl::Status status) {
  storing_ = false;
  if (status.ok() != disk_error_.ok()) {
    if (status.ok()) {
      EB_LOG(INFO) << "the disk takes results again";
    } else {
      EB_LOG(ERROR) << "results cannot be kept on disk: " << status.message();
    }
  }
  disk_error_ = status;
  if (!status.ok()) {
    // Still to be stored, before what came since.
    for (auto& batch : to_store_) batches.push_back(std::move(batch));
    to_store_ = std::move(batches);
    changed_();
    return;
  }
  for (const auto& batch : batches) {
    const AttemptRef ref = RefOf(batch->attempt());
    const auto found = attempts_.find(ref);
    if (found == attempts_.end()) {  // acknowledged or dropped while it was being written
      spool_->Drop(ref);
      continue;
    }
    const auto entry = found->second.entries.find(batch->sequence());
    if (entry == found->second.entries.end()) {
      spool_->Acknowledge(ref, batch->sequence());
      continue;
    }
    entry->second.stored = true;
    if (entry->second.released) std::exchange(entry->second.released, nullptr)();
    if (kept_bytes_ > options_.kept_in_memory) {
      kept_bytes_ -= entry->second.bytes;
      entry->second.batch = nullptr;
    }
  }
  StoreWaiting();
  changed_();
}

void Outbox::RetryDisk() {
  if (!disk_error_.ok()) StoreWaiting();
}

std::optional<v1::ResultBatch> Outbox::Next() {
  // From the attempt after the last one that had its turn, once around.
  auto turn = attempts_.upper_bound(last_sent_);
  for (size_t left = attempts_.size(); left > 0; --left) {
    if (turn == attempts_.end()) turn = attempts_.begin();
    const AttemptRef ref = turn->first;
    Attempt& attempt = turn->second;
    ++turn;
    const auto found = attempt.entries.find(attempt.next);
    if (found == attempt.entries.end()) continue;
    Entry& entry = found->second;
    if (!entry.stored && disk_error_.ok()) continue;  // soon
    last_sent_ = ref;
    ++attempt.next;
    if (entry.batch != nullptr) return *entry.batch;
    auto batch = spool_->Read(ref, found->first);
    if (batch.ok()) return *std::move(batch);
    // Without this batch the rest of the attempt is worth nothing: it will run again.
    EB_LOG(ERROR) << batch.status().message() << "; " << Name(ref) << " is dropped";
    Drop(ref);
  }
  return std::nullopt;
}

void Outbox::ResendAll() {
  for (auto& [ref, attempt] : attempts_) attempt.next = attempt.entries.begin()->first;
}

void Outbox::Forget(Entry* entry) {
  if (entry->batch != nullptr) kept_bytes_ -= entry->bytes;
  if (entry->released) std::exchange(entry->released, nullptr)();
}

void Outbox::Acknowledge(AttemptRef ref, uint64_t sequence) {
  const auto found = attempts_.find(ref);
  if (found == attempts_.end()) return;
  auto& entries = found->second.entries;
  const auto end = entries.upper_bound(sequence);
  for (auto it = entries.begin(); it != end; ++it) Forget(&it->second);
  entries.erase(entries.begin(), end);
  if (entries.empty()) {
    attempts_.erase(found);
  } else {
    found->second.next = std::max(found->second.next, entries.begin()->first);
  }
  std::erase_if(to_store_, [&](const auto& batch) {
    return RefOf(batch->attempt()) == ref && batch->sequence() <= sequence;
  });
  spool_->Acknowledge(ref, sequence);
}

void Outbox::Drop(AttemptRef ref) {
  const auto found = attempts_.find(ref);
  if (found == attempts_.end()) return;
  for (auto& [sequence, entry] : found->second.entries) Forget(&entry);
  attempts_.erase(found);
  std::erase_if(to_store_, [&](const auto& batch) { return RefOf(batch->attempt()) == ref; });
  spool_->Drop(ref);
}

std::vector<AttemptRef> Outbox::attempts() const {
  std::vector<AttemptRef> refs;
  for (const auto& [ref, attempt] : attempts_) refs.push_back(ref);
  return refs;
}

}  // namespace entrobench
