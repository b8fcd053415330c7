// The worker's folder: its identity, and the lock that keeps a second worker out.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace entrobench {

// Layout:
//   worker-id    32 hex digits, made at the first start; the coordinator knows the worker by it
//   lock         held while a worker lives; says its process id
//   spool/       results not acknowledged (spool.h)
//   artifacts/   models and data by digest (artifact_cache.h)
//   learned/     what evaluators keep from one attempt to the next: what methods learned
//                (evaluators/reasoning/learned_store.h), unpacked data (common/archive.h)
class WorkerFolder {
 public:
  // Makes what is missing. FailedPrecondition: another worker uses the folder.
  static absl::StatusOr<std::unique_ptr<WorkerFolder>> Open(std::string path);
  ~WorkerFolder();  // releases the lock
  WorkerFolder(const WorkerFolder&) = delete;
  WorkerFolder& operator=(const WorkerFolder&) = delete;

  const std::string& worker_id() const { return worker_id_; }
  std::string spool() const { return path_ + "/spool"; }
  std::string artifacts() const { return path_ + "/artifacts"; }
  std::string learned() const { return path_ + "/learned"; }

 private:
  WorkerFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  const std::string path_;
  const int lock_;  // descriptor
  std::string worker_id_;
};

}  // namespace entrobench
