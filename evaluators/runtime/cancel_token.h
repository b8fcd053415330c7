// The order to stop, from whoever gives it to whoever computes.
#pragma once

#include <atomic>

namespace entrobench {

// Set once by one thread, looked at by others between two steps of their work (at least a few
// times a second). One token lives as long as one attempt.
class CancelToken {
 public:
  CancelToken() = default;
  CancelToken(const CancelToken&) = delete;
  CancelToken& operator=(const CancelToken&) = delete;

  void Cancel() { cancelled_.store(true, std::memory_order_release); }
  bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }

 private:
  std::atomic<bool> cancelled_{false};
};

}  // namespace entrobench
