#pragma once
// Where the coroutine of one call waits: for a socket, an address, a connection. Whatever it waits for wakes it, and so
// does whatever ends the call. A wake-up carries no information: the coroutine checks again what it waits for.

#include "triage/async.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <new>
#include <utility>

namespace triage::upstream {

class Waiter {
 public:
  explicit Waiter(Executor executor) noexcept : executor_(std::move(executor)) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { drop(); }

  /// `co_await waiter.wait()`. There may be one waiter at a time. Deferred, so that it needs no coroutine frame and no
  /// allocation.
  auto wait() noexcept { return asio::async_initiate<const asio::deferred_t&, void()>(Park{this}, asio::deferred); }

  [[nodiscard]] bool parked() const noexcept { return act_ != nullptr; }

  /// Resumes the waiter, if any, before returning. This may destroy the object.
  void wake() { act(Act::resume); }

  /// Resumes the waiter after the caller has returned to the loop. The waiter need not outlive this object.
  void wake_later() { act(Act::post); }

  /// Gives up the waiting coroutine: it is destroyed, without being resumed, when the loop runs next or ends.
  void drop() { act(Act::drop); }

 private:
  enum class Act : unsigned char { resume, post, drop };

  struct Park {
    Waiter* self;
    template <class Resume>
    void operator()(Resume&& resume) const {
      self->park(std::forward<Resume>(resume));
    }
  };

  template <class Resume>
  void park(Resume&& resume) {
    using Stored = std::decay_t<Resume>;
    static_assert(sizeof(Stored) <= sizeof(storage_) && alignof(Stored) <= alignof(std::max_align_t));
    new (storage_) Stored(std::forward<Resume>(resume));
    act_ = [](void* storage, const Executor& executor, Act act) {
      auto* stored = static_cast<Stored*>(storage);
      Stored taken(std::move(*stored));
      stored->~Stored();
      if (act == Act::resume) std::move(taken)();
      if (act == Act::post) asio::post(executor, std::move(taken));
    };
  }

  void act(Act act) {
    const auto run = std::exchange(act_, nullptr);
    const Executor executor = executor_;  // a copy, because the resumed coroutine may destroy this object
    if (run) run(storage_, executor, act);
  }

  Executor executor_;
  void (*act_)(void* storage, const Executor& executor, Act act) = nullptr;
  alignas(std::max_align_t) std::byte storage_[4 * sizeof(void*)];
};

}  // namespace triage::upstream
