// An attempt's key as a value that maps can be keyed by.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "entrobench/v1/worker.pb.h"

namespace entrobench {

struct AttemptRef {
  uint64_t job = 0;
  uint32_t epoch = 0;
  friend bool operator==(const AttemptRef&, const AttemptRef&) = default;
  friend auto operator<=>(const AttemptRef&, const AttemptRef&) = default;
};

inline AttemptRef RefOf(const v1::AttemptKey& key) { return AttemptRef{key.job_id(), key.epoch()}; }

inline v1::AttemptKey KeyOf(AttemptRef ref) {
  v1::AttemptKey key;
  key.set_job_id(ref.job);
  key.set_epoch(ref.epoch);
  return key;
}

// "job 7.2": job 7, epoch 2.
inline std::string Name(AttemptRef ref) { return absl::StrCat("job ", ref.job, ".", ref.epoch); }

}  // namespace entrobench
