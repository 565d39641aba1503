#pragma once
// Cancellation within one loop. Whoever waits installs a hook (to close the socket it waits on); whoever gives up fires
// it, with a reason. There is one hook at a time, because a request waits for one thing at a time. Deliberately not
// thread-safe.

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

  /// Runs `hook` at once if this has already fired.
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

/// Installs a hook for the length of a scope, then puts back the one installed before. Scopes nest.
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
