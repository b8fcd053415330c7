// Task<T>: a coroutine that makes a T. Lazy: it begins when somebody awaits it.
//
// Nothing here recurses. A coroutine that awaits another, or ends, hands the next one to a run loop
// of its thread instead of calling it; so a million awaits that are ready at once, or a chain of a
// million tasks, need no stack, whatever the compiler optimises. (GCC 12 turns symmetric transfer
// into a tail call only when it optimises and no sanitizer is on.) Work that is ready never leaves
// the loop: the coroutine goes on before Start() or Gate::Open() returns.
//
// GCC 12.2 frees temporaries twice when they stand in a co_await expression and are of an aggregate
// type with a string member, or made in one arm of a conditional (`c ? A() : B()`); and it cannot
// compile a brace list there. Pass named locals, or types with constructors.
// tests/evaluators/language/task_test.cc holds this under AddressSanitizer.
#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace entrobench {

template <typename T>
class Task;

namespace task_internal {

// The coroutines of this thread that may go on. Only Run() resumes, and it never nests.
class RunLoop {
 public:
  static RunLoop& OfThisThread() {
    thread_local RunLoop loop;
    return loop;
  }

  void Push(std::coroutine_handle<> ready) { ready_.push_back(ready); }

  // Resumes until nothing is ready. Inside a coroutine it returns at once: the loop below it goes
  // on when that coroutine waits or ends.
  void Run() {
    if (running_) return;
    running_ = true;
    while (!ready_.empty()) {
      const std::coroutine_handle<> next = ready_.front();
      ready_.pop_front();
      next.resume();
    }
    running_ = false;
  }

 private:
  std::deque<std::coroutine_handle<>> ready_;
  bool running_ = false;
};

class PromiseBase;

// Owns a coroutine that was awaited, from within the frame that waits for it.
class Link {
 public:
  explicit Link(PromiseBase* child) : child_(child) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link();

  PromiseBase* child() const { return child_; }
  void Forget() { child_ = nullptr; }

 private:
  PromiseBase* child_;
};

// What every promise has, whatever its coroutine makes.
class PromiseBase {
 public:
  explicit PromiseBase(std::coroutine_handle<> self) : self_(self) {}
  PromiseBase(const PromiseBase&) = delete;
  PromiseBase& operator=(const PromiseBase&) = delete;

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      ended.promise().TellWaiter();
    }
    void await_resume() const noexcept {}
  };
  FinalAwaiter final_suspend() const noexcept { return {}; }

  void unhandled_exception() { error_ = std::current_exception(); }
  void RethrowError() const {
    if (error_ != nullptr) std::rethrow_exception(error_);
  }

  bool done() const { return self_.done(); }
  std::coroutine_handle<> self() const { return self_; }

  // `waiter` goes on once this coroutine has ended; with a counter, once it has reached 0.
  void SetWaiter(std::coroutine_handle<> waiter, size_t* counter = nullptr) {
    waiter_ = waiter;
    counter_ = counter;
  }

  // The link in this frame that holds the coroutine it waits for, if any.
  void set_awaiting(Link* link) { awaiting_ = link; }

  // Destroys the frame and, before it, the frames that it waits for, innermost first: a frame may
  // refer to what lives in the frames around it. Iterative, for long chains.
  static void DestroyChain(PromiseBase* outermost) {
    std::vector<Link*> links;
    for (PromiseBase* p = outermost; p->awaiting_ != nullptr; p = p->awaiting_->child()) {
      links.push_back(p->awaiting_);
    }
    for (auto link = links.rbegin(); link != links.rend(); ++link) {
      PromiseBase* inner = (*link)->child();
      (*link)->Forget();
      inner->self_.destroy();
    }
    outermost->self_.destroy();
  }

 private:
  void TellWaiter() noexcept {
    if (counter_ != nullptr && --*counter_ > 0) return;
    if (waiter_) RunLoop::OfThisThread().Push(waiter_);
  }

  const std::coroutine_handle<> self_;
  std::coroutine_handle<> waiter_;
  size_t* counter_ = nullptr;
  Link* awaiting_ = nullptr;
  std::exception_ptr error_;
};

inline Link::~Link() {
  if (child_ != nullptr) PromiseBase::DestroyChain(child_);
}

template <typename T>
class Promise : public PromiseBase {
 public:
  Promise() : PromiseBase(std::coroutine_handle<Promise>::from_promise(*this)) {}
  Task<T> get_return_object() { return Task<T>(this); }
  template <typename U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T Take() {
    RethrowError();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  Promise() : PromiseBase(std::coroutine_handle<Promise>::from_promise(*this)) {}
  Task<void> get_return_object();
  void return_void() const {}
  void Take() const { RethrowError(); }
};

}  // namespace task_internal

// Move-only. Destroying a task that has not ended destroys its frame and all that it waits for.
template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = task_internal::Promise<T>;

  Task(Task&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      Destroy();
      promise_ = std::exchange(other.promise_, nullptr);
    }
    return *this;
  }
  ~Task() { Destroy(); }

  // For the one at the root, who is no coroutine: runs until the task waits for something or has
  // ended. Call once.
  void Start() {
    auto& loop = task_internal::RunLoop::OfThisThread();
    loop.Push(promise_->self());
    loop.Run();
  }
  bool done() const { return promise_->done(); }

  // What the task made; throws what escaped from it. Call once, when done().
  T Take() { return promise_->Take(); }

  // co_await std::move(task), or co_await on the call that made it.
  auto operator co_await() && { return Awaiter(std::exchange(promise_, nullptr)); }

 private:
  friend promise_type;
  template <typename U>
  friend class AllOf;

  class Awaiter {
   public:
    explicit Awaiter(promise_type* child) : child_(child), link_(child) {}
    bool await_ready() const { return false; }
    template <typename P>
    void await_suspend(std::coroutine_handle<P> waiter) {
      waiter.promise().set_awaiting(&link_);
      waiting_ = &waiter.promise();
      child_->SetWaiter(waiter);
      task_internal::RunLoop::OfThisThread().Push(child_->self());
    }
    T await_resume() {
      waiting_->set_awaiting(nullptr);
      return child_->Take();
    }

   private:
    promise_type* child_;
    task_internal::Link link_;
    task_internal::PromiseBase* waiting_ = nullptr;
  };

  explicit Task(promise_type* promise) : promise_(promise) {}
  void Destroy() {
    if (promise_ != nullptr) task_internal::PromiseBase::DestroyChain(promise_);
  }

  promise_type* promise_;
};

namespace task_internal {
inline Task<void> Promise<void>::get_return_object() { return Task<void>(this); }
}  // namespace task_internal

// Where one coroutine waits until somebody outside opens the gate: the engine's side of a co_await.
class Gate {
 public:
  Gate() = default;
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void Close() { open_ = false; }

  // Lets the waiter go on, if there is one, until it waits again or has ended; who comes later does
  // not wait. The waiter may destroy the gate.
  void Open() {
    open_ = true;
    if (const auto waiter = std::exchange(waiter_, nullptr)) {
      auto& loop = task_internal::RunLoop::OfThisThread();
      loop.Push(waiter);
      loop.Run();
    }
  }

  bool await_ready() const { return open_; }
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  void await_resume() const {}

 private:
  bool open_ = false;
  std::coroutine_handle<> waiter_;
};

// Starts tasks together, in their order, and waits for all: the awaiter behind WhenAll.
template <typename T>
class AllOf {
 public:
  explicit AllOf(std::vector<Task<T>>* tasks) : tasks_(tasks), left_(tasks->size()) {}
  bool await_ready() const { return tasks_->empty(); }
  void await_suspend(std::coroutine_handle<> waiter) {
    for (Task<T>& task : *tasks_) {
      task.promise_->SetWaiter(waiter, &left_);
      task_internal::RunLoop::OfThisThread().Push(task.promise_->self());
    }
  }
  void await_resume() const {}

 private:
  std::vector<Task<T>>* tasks_;
  size_t left_;
};

// Runs tasks together, as branches that the engine may batch; their values in the same order. What
// one of them throws is thrown when all have ended (the first in order).
template <typename T>
Task<std::vector<T>> WhenAll(std::vector<Task<T>> tasks) {
  co_await AllOf<T>(&tasks);
  std::vector<T> values;
  values.reserve(tasks.size());
  for (Task<T>& task : tasks) values.push_back(task.Take());
  co_return values;
}

inline Task<void> WhenAll(std::vector<Task<void>> tasks) {
  co_await AllOf<void>(&tasks);
  for (Task<void>& task : tasks) task.Take();
}

}  // namespace entrobench
