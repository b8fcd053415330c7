// A sample's payload as the store keeps it: a SamplePayload message, serialised, as one zstd frame.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "entrobench/v1/result.pb.h"
#include "entrobench/v1/sweep.pb.h"

struct ZSTD_CCtx_s;

namespace entrobench {

// Compresses many payloads with one context. Not for two threads at once.
class PayloadEncoder {
 public:
  PayloadEncoder();
  ~PayloadEncoder();
  PayloadEncoder(const PayloadEncoder&) = delete;
  PayloadEncoder& operator=(const PayloadEncoder&) = delete;

  // Takes off what `keep` does not want, then compresses. Empty: nothing is kept.
  std::string Encode(v1::SamplePayload* payload, v1::Keep keep);

 private:
  struct FreeContext {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, FreeContext> context_;
  std::string serialized_;  // reused
};

// DataLoss: the bytes are not what Encode made.
absl::StatusOr<v1::SamplePayload> DecodePayload(absl::string_view bytes);

}  // namespace entrobench
