#include "base/deadline.hpp"

namespace triage {

void DeadlineWheel::Node::unlink() noexcept {
  prev->next = next;
  next->prev = prev;
  prev = next = this;
}

void DeadlineWheel::Node::link_before(Node& position) noexcept {
  prev = position.prev;
  next = &position;
  prev->next = this;
  position.prev = this;
}

DeadlineWheel::DeadlineWheel(asio::io_context& io) : timer_(io.get_executor()), current_(tick_of(Clock::now())) {}

DeadlineWheel::~DeadlineWheel() {
  for (Node& slot : wheel_)
    while (slot.linked()) slot.next->unlink();
}

std::int64_t DeadlineWheel::tick_of(Clock::time_point time) const noexcept {
  return time.time_since_epoch() / std::chrono::duration_cast<Clock::duration>(tick);
}

void DeadlineWheel::insert(Deadline& deadline) {
  // One tick later, so that it is visited after its time, never before.
  const std::int64_t due = tick_of(deadline.due_) + 1;
  deadline.visit_ = std::clamp<std::int64_t>(due, current_ + 1, current_ + static_cast<std::int64_t>(slots) - 1);
  deadline.link_before(wheel_[static_cast<std::size_t>(deadline.visit_) % slots]);
  ++linked_;
  schedule();
}

void DeadlineWheel::schedule() {
  if (ticking_ || stopped_ || linked_ == 0) return;
  ticking_ = true;
  timer_.expires_after(tick);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    advance(Clock::now());
    ticking_ = false;
    schedule();
  });
}

void DeadlineWheel::stop() {
  stopped_ = true;
  timer_.cancel();
}

void DeadlineWheel::advance(Clock::time_point now) {
  const std::int64_t target = tick_of(now);
  // After a long pause one turn visits every slot; more would visit them again.
  if (target - current_ > static_cast<std::int64_t>(slots)) current_ = target - static_cast<std::int64_t>(slots);
  while (current_ < target) {
    ++current_;
    Node& slot = wheel_[static_cast<std::size_t>(current_) % slots];
    Node visited;  // taken off first: what is inserted during this visit belongs to a later turn
    while (slot.linked()) {
      Node& node = *slot.next;
      node.unlink();
      node.link_before(visited);
    }
    while (visited.linked()) {
      auto& deadline = static_cast<Deadline&>(*visited.next);
      deadline.unlink();
      --linked_;
      if (!deadline.armed()) continue;
      if (deadline.due_ > now) {
        insert(deadline);
      } else {
        deadline.due_ = Deadline::never;
        const auto on_due = deadline.on_due_;  // a copy, because it may destroy the deadline
        on_due();
      }
    }
  }
}

Deadline::~Deadline() {
  if (!linked()) return;
  unlink();
  --wheel_.linked_;
}

void Deadline::set(Clock::time_point due) {
  due_ = due;
  if (linked()) {
    if (wheel_.tick_of(due) + 1 >= visit_) return;  // visited early enough: it will be put back then
    unlink();
    --wheel_.linked_;
  } else if (wheel_.linked_ == 0) {
    // The wheel stands still while it is empty. (Only then may it jump, because slots that it skips are not visited.)
    wheel_.current_ = std::max(wheel_.current_, wheel_.tick_of(Clock::now()));
  }
  wheel_.insert(*this);
}

}  // namespace triage
