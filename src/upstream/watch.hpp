#pragma once
// What may end a call from outside: its deadline, which moves from phase to phase, and its cancellation.
// A call waits for everything here. When the call is ended, the waiting coroutine is woken, sees ended(), and gives up
// its connection.

#include "base/deadline.hpp"
#include "base/loop.hpp"
#include "triage/cancellation.hpp"
#include "triage/error.hpp"
#include "triage/upstream.hpp"
#include "upstream/waiter.hpp"

#include <optional>

namespace triage::upstream {

class Watch {
 public:
  using Clock = Deadline::Clock;

  /// A list of all calls under way, so that they can be given up when the upstream ends before them.
  struct Node {
    Node* prev = this;
    Node* next = this;
  };

  Watch(Loop& loop, Node& calls, Cancellation& gone, const CallTimeouts& timeouts);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  /// From now on only `connect` applies, later the time to the first byte of the reply, then the silence between bytes.
  /// `total` limits the whole call in every phase.
  void connecting() { limit(ErrorCode::upstream_connect_timeout, started_ + timeouts_.connect); }
  void expecting() { limit(ErrorCode::upstream_first_byte_timeout, started_ + timeouts_.first_byte); }
  /// The request is being sent piece by piece, and progresses; then all of it has been sent.
  void uploading() {
    limit(ErrorCode::upstream_first_byte_timeout, Clock::now() + std::min(timeouts_.first_byte, timeouts_.idle));
  }
  void uploaded() { limit(ErrorCode::upstream_first_byte_timeout, Clock::now() + timeouts_.first_byte); }
  /// Something else is waited for, which has its own time limits.
  void suspended() { limit(ErrorCode::upstream_total_timeout, started_ + timeouts_.total); }
  /// The head is there, and nothing behind it.
  void beginning() {
    if (!timeouts_.first_piece) return receiving();
    limit(ErrorCode::upstream_first_byte_timeout, started_ + *timeouts_.first_piece);
  }
  void receiving() { limit(ErrorCode::upstream_idle_timeout, Clock::now() + timeouts_.idle); }
  void done() noexcept { deadline_.clear(); }

  /// Why the call must end: a timeout's code, or the reason of the cancellation.
  [[nodiscard]] const std::optional<ErrorCode>& ended() const noexcept { return ended_; }

  /// Whether the call may go on.
  [[nodiscard]] bool alive() {
    if (!ended_ && gone_.fired()) ended_ = gone_.reason();
    return !ended_;
  }

  /// Use: `while (not there yet && watch.alive()) { co_await watch.wait(); watch.waited(); }`
  auto wait() {
    listening_ = true;
    gone_.install([this] { end(gone_.reason()); });
    return waiter_.wait();
  }
  void waited() noexcept {
    listening_ = false;
    gone_.remove();
  }

  [[nodiscard]] Waiter& waiter() noexcept { return waiter_; }
  [[nodiscard]] const CallTimeouts& timeouts() const noexcept { return timeouts_; }

  /// Gives up all calls of a list: their coroutines are destroyed without being resumed.
  static void give_up(Node& calls);

 private:
  struct Link : Node {
    Watch* watch = nullptr;
  };

  void limit(ErrorCode reason, Clock::time_point due);
  void end(ErrorCode reason);

  Link link_;
  Cancellation& gone_;
  const CallTimeouts timeouts_;
  const Clock::time_point started_;
  ErrorCode reason_ = ErrorCode::upstream_total_timeout;
  std::optional<ErrorCode> ended_;
  bool listening_ = false;
  Waiter waiter_;
  Deadline deadline_;
};

}  // namespace triage::upstream
