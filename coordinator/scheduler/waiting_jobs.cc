#include "coordinator/scheduler/waiting_jobs.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"

namespace entrobench {

JobQueue* WaitingJobs::FindQueue(Sweep* sweep, const PoolKey& key) const {
  for (const auto& queue : sweep->queues) {
    if (queue->pool->key == key) return queue.get();
  }
  return nullptr;
}

void WaitingJobs::Insert(JobQueue* queue) {
  Pool* pool = queue->pool;
  pool->order.insert(queue);
  queue->in_order = true;
  if (pool->order.size() == 1) {
    pool->position = active_.size();
    active_.push_back(pool);
    fresh_.push_back(pool);
  }
}

void WaitingJobs::Extract(JobQueue* queue) {
  Pool* pool = queue->pool;
  pool->order.erase(queue);
  queue->in_order = false;
  if (pool->order.empty()) {
    active_.back()->position = pool->position;
    active_[pool->position] = active_.back();
    active_.pop_back();
    std::erase(fresh_, pool);
    if (pool->reserved_worker != kNone) released_workers_.push_back(pool->reserved_worker);
    pool->reserved_worker = kNone;
    pool->passed_over_since = absl::InfiniteFuture();
  }
}

void WaitingJobs::Push(Index job, Sweep* sweep, const PoolKey& key, Index model, End end) {
  JobQueue* queue = FindQueue(sweep, key);
  if (queue == nullptr) {
    std::unique_ptr<Pool>& pool = pools_[key];
    if (pool == nullptr) {
      pool = std::make_unique<Pool>();
      pool->key = key;
    }
    ++pool->queues;
    sweep->queues.push_back(std::make_unique<JobQueue>());
    queue = sweep->queues.back().get();
    queue->sweep = sweep;
    queue->pool = pool.get();
    if (sweep->started) Insert(queue);
  }
  auto lane = std::find_if(queue->lanes.begin(), queue->lanes.end(),
                           [model](const Lane& l) { return l.model == model; });
  if (lane == queue->lanes.end()) {
    lane = queue->lanes.insert(queue->lanes.end(), Lane{.model = model});
  }
  Job& record = (*jobs_)[job];
  if (lane->head == kNone) {
    record.previous = record.next = kNone;
    lane->head = lane->tail = job;
  } else if (end == End::kFront) {
    record.previous = kNone;
    record.next = lane->head;
    (*jobs_)[lane->head].previous = job;
    lane->head = job;
  } else {
    record.previous = lane->tail;
    record.next = kNone;
    (*jobs_)[lane->tail].next = job;
    lane->tail = job;
  }
  ++queue->size;
  ++sweep->waiting;
}

void WaitingJobs::Unlink(Index job, JobQueue* queue, Lane* lane) {
  Job& record = (*jobs_)[job];
  (record.previous == kNone ? lane->head : (*jobs_)[record.previous].next) = record.next;
  (record.next == kNone ? lane->tail : (*jobs_)[record.next].previous) = record.previous;
  record.previous = record.next = kNone;
  --queue->size;
  --queue->sweep->waiting;
  if (lane->head == kNone) queue->lanes.erase(queue->lanes.begin() + (lane - queue->lanes.data()));
  if (queue->size == 0) Drop(queue);
}

void WaitingJobs::Drop(JobQueue* queue) {
  if (queue->in_order) Extract(queue);
  if (--queue->pool->queues == 0) pools_.erase(PoolKey(queue->pool->key));
  std::erase_if(queue->sweep->queues, [queue](const auto& q) { return q.get() == queue; });
}

void WaitingJobs::Remove(Index job, Sweep* sweep, const PoolKey& key, Index model) {
  JobQueue* queue = FindQueue(sweep, key);
  const auto lane = std::find_if(queue->lanes.begin(), queue->lanes.end(),
                                 [model](const Lane& l) { return l.model == model; });
  Unlink(job, queue, &*lane);
}

Index WaitingJobs::PopFront(JobQueue* queue, Lane* lane) {
  const Index job = lane->head;
  Unlink(job, queue, lane);
  return job;
}

void WaitingJobs::Start(Sweep* sweep) {
  sweep->started = true;
  for (const auto& queue : sweep->queues) Insert(queue.get());
}

std::vector<Index> WaitingJobs::TakeAll(Sweep* sweep) {
  std::vector<Index> taken;
  while (!sweep->queues.empty()) {
    JobQueue* queue = sweep->queues.back().get();
    for (const Lane& lane : queue->lanes) {
      for (Index job = lane.head; job != kNone;) {
        taken.push_back(job);
        Job& record = (*jobs_)[job];
        job = record.next;
        record.previous = record.next = kNone;
      }
    }
    Drop(queue);
  }
  sweep->waiting = 0;
  return taken;
}

void WaitingJobs::SetVirtualTime(Sweep* sweep, double virtual_time) {
  // It is the order's key: take the queues out while it changes.
  absl::InlinedVector<std::set<JobQueue*, Fairer>::node_type, 4> nodes;
  for (const auto& queue : sweep->queues) {
    if (queue->in_order) nodes.push_back(queue->pool->order.extract(queue.get()));
  }
  sweep->virtual_time = virtual_time;
  for (auto& node : nodes) {
    Pool* pool = node.value()->pool;
    pool->order.insert(std::move(node));
  }
}

}  // namespace entrobench
