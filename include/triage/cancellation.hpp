#pragma once
// Cancellation within one loop: whoever waits installs what must happen (close the socket it waits on), whoever gives
// up fires it, and says why. One hook at a time, because a request waits for one thing at a time. Not thread safe, by
// design.

#include "triage/error.hpp"

#include <functional>
#include <utility>

namespace triage {

class Cancellation {
 public:
  [[nodiscard]] bool fired() const noexcept { return fired_; }

  /// Why it fired: client_gone, or shutting_down where the gateway itself has given up.
  [[nodiscard]] ErrorCode reason() const noexcept { return reason_; }

  /// Idempotent: the first reason stays. Runs the installed hook, which must not destroy this object.
  void fire(ErrorCode reason = ErrorCode::client_gone) {
    if (std::exchange(fired_, true)) return;
    reason_ = reason;
    if (auto hook = std::exchange(hook_, nullptr)) hook();
  }

  /// Runs at once if already fired.
  void install(std::function<void()> hook) {
    if (fired_) return hook();
    hook_ = std::move(hook);
  }

  void remove() noexcept { hook_ = nullptr; }

 private:
  friend class CancellationHook;
  bool fired_ = false;
  ErrorCode reason_ = ErrorCode::client_gone;
  std::function<void()> hook_;
};

/// Installs for the length of a scope; what was installed before it is in force again behind it. Scopes are nested.
class CancellationHook {
 public:
  CancellationHook(Cancellation& cancellation, std::function<void()> hook)
      : cancellation_(cancellation), before_(std::move(cancellation.hook_)) {
    cancellation_.install(std::move(hook));
  }
  ~CancellationHook() { cancellation_.hook_ = cancellation_.fired() ? nullptr : std::move(before_); }
  CancellationHook(const CancellationHook&) = delete;
  CancellationHook& operator=(const CancellationHook&) = delete;

 private:
  Cancellation& cancellation_;
  std::function<void()> before_;
};

}  // namespace triage
