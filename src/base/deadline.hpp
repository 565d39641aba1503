#pragma once
// Tens of thousands of deadlines, cheap to move. Setting a timer of the event loop costs microseconds, and a connection
// moves its deadline several times a request. So a Deadline is a stored time point, and moving it later is a store. A
// wheel of slots visits it when its first time comes, and puts it back if it has been moved meanwhile.
// Varghese & Lauck, "Hashed and Hierarchical Timing Wheels" (1987), scheme 6, with lazy re-insertion.
// Resolution: `tick`. A deadline fires up to one tick late, never early.

#include "triage/async.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <functional>

namespace triage {

class Deadline;

class DeadlineWheel {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds tick{20};
  static constexpr std::size_t slots = 1024;  // 20 s; a later deadline is looked at once per turn

  explicit DeadlineWheel(asio::io_context& io);
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;
  ~DeadlineWheel();

  /// Fires everything due at `now`. Called by the timer and by tests.
  void advance(Clock::time_point now);

  /// Stops the timer, so that the loop can run out of work.
  void stop();

 private:
  friend class Deadline;
  struct Node {
    Node* prev = this;
    Node* next = this;
    void unlink() noexcept;
    void link_before(Node& position) noexcept;
    [[nodiscard]] bool linked() const noexcept { return next != this; }
  };
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

  [[nodiscard]] std::int64_t tick_of(Clock::time_point time) const noexcept;
  void insert(Deadline& deadline);
  void schedule();

  std::array<Node, slots> wheel_;
  Timer timer_;
  std::int64_t current_;  // the last tick that was visited
  std::size_t linked_ = 0;
  bool ticking_ = false;
  bool stopped_ = false;
};

/// One deadline. Each time it is set and comes, it calls `on_due` once, which may set, clear or destroy it.
class Deadline : private DeadlineWheel::Node {
 public:
  using Clock = DeadlineWheel::Clock;

  Deadline(DeadlineWheel& wheel, std::function<void()> on_due) : wheel_(wheel), on_due_(std::move(on_due)) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline();

  void set(Clock::time_point due);
  void set_in(Clock::duration timeout) { set(Clock::now() + timeout); }
  void clear() noexcept { due_ = never; }
  [[nodiscard]] bool armed() const noexcept { return due_ != never; }
  [[nodiscard]] Clock::time_point due() const noexcept { return due_; }

  static constexpr Clock::time_point never = Clock::time_point::max();

 private:
  friend class DeadlineWheel;
  DeadlineWheel& wheel_;
  std::function<void()> on_due_;
  Clock::time_point due_ = never;
  std::int64_t visit_ = 0;  // the tick of the slot that it is linked in
};

}  // namespace triage
