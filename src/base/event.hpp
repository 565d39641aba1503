#pragma once
// An event that one coroutine waits for until other code on the same loop calls notify(). It needs no timer and no
// channel: the suspended coroutine itself is stored, and resumed inside notify().

#include "triage/async.hpp"

#include <optional>
#include <utility>

namespace triage {

class Event {
 public:
  /// Waits for notify(). There may be one waiter at a time.
  Async<void> wait() {
    return asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
        [this](Resume resume) { waiter_.emplace(std::move(resume)); }, use_async);
  }

  [[nodiscard]] bool awaited() const noexcept { return waiter_.has_value(); }

  /// Resumes the waiter, if any, before returning. This may destroy the event.
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
