#pragma once
// A place where one coroutine waits until another piece of code of the same loop calls notify(). No timer, no channel:
// the suspended coroutine itself is stored, and resumed inside notify().

#include "triage/async.hpp"

#include <optional>
#include <utility>

namespace triage {

class Event {
 public:
  /// One waiter at a time.
  Async<void> wait() {
    return asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
        [this](Resume resume) { waiter_.emplace(std::move(resume)); }, use_async);
  }

  [[nodiscard]] bool awaited() const noexcept { return waiter_.has_value(); }

  /// Resumes the waiter, if there is one, before it returns. May destroy this object.
  void notify() {
    if (!waiter_) return;
    Resume resume = std::move(*waiter_);
    waiter_.reset();
    resume();
  }

 private:
  using Resume = asio::async_result<asio::use_awaitable_t<Executor>, void()>::handler_type;
  std::optional<Resume> waiter_;
};

}  // namespace triage
