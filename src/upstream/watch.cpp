#include "upstream/watch.hpp"

namespace triage::upstream {

Watch::Watch(Loop& loop, Node& calls, Cancellation& gone, const CallTimeouts& timeouts)
    : gone_(gone),
      timeouts_(timeouts),
      started_(Clock::now()),
      waiter_(loop.io.get_executor()),
      deadline_(loop.deadlines, [this] { end(reason_); }) {
  link_.watch = this;
  link_.prev = &calls;
  link_.next = calls.next;
  calls.next->prev = &link_;
  calls.next = &link_;
}

Watch::~Watch() {
  if (listening_) gone_.remove();
  link_.prev->next = link_.next;
  link_.next->prev = link_.prev;
}

void Watch::limit(ErrorCode reason, Clock::time_point due) {
  const Clock::time_point total = started_ + timeouts_.total;
  reason_ = due < total ? reason : ErrorCode::upstream_total_timeout;
  deadline_.set(std::min(due, total));
}

void Watch::end(ErrorCode reason) {
  if (ended_) return;
  ended_ = reason;
  // Wakes later, because the woken coroutine must not destroy the wheel and the cancellation that call this.
  waiter_.wake_later();
}

void Watch::give_up(Node& calls) {
  while (calls.next != &calls) {
    Node& node = *calls.next;
    Watch& watch = *static_cast<Link&>(node).watch;
    node.prev->next = node.next;
    node.next->prev = node.prev;
    node.prev = node.next = &node;
    watch.deadline_.clear();
    watch.waiter_.drop();
  }
}

}  // namespace triage::upstream
