// Waits for the answer of a call that answers by callback: for start-up, tools and tests, never for
// a handler or a callback.
//
//   const auto sweep = WaitFor<absl::StatusOr<CreatedSweep>>(
//       [&](auto done) { store.CreateSweep(std::move(spec), done); });
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "coordinator/store/store.h"

namespace entrobench {

template <typename Answer>
Answer WaitFor(const std::function<void(std::function<void(Answer)>)>& call) {
  auto promise = std::make_shared<std::promise<Answer>>();
  std::future<Answer> answer = promise->get_future();
  call([promise](Answer value) { promise->set_value(std::move(value)); });
  return answer.get();
}

// ReadNow(store, [&](Reader& reader) { return reader.GetSweep(id); })
template <typename Question>
auto ReadNow(Store& store, Question question) {
  using Answer = decltype(question(std::declval<Reader&>()));
  return WaitFor<Answer>([&](std::function<void(Answer)> done) {
    store.Read([&question, done](Reader& reader) { done(question(reader)); });
  });
}

}  // namespace entrobench
