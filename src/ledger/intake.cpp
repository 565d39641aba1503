#include "ledger/intake.hpp"

namespace triage::ledger {

Intake::Taken Intake::take(std::string_view body) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t seq = next_seq_++;
  if (!current_) return {};
  Ring& ring = current_->ring();
  const bool taken = ring.push(body, seq);
  return {taken, ring.waiting_bytes() > ring.capacity() / 4};
}

Intake::Moved Intake::move_from(Ring& from) {
  const auto frame = *from.frame(from.tail());
  std::string body(frame.first);
  body += frame.second;
  const std::lock_guard lock(mutex_);
  if (!current_) return Moved::no_room;
  Ring& ring = current_->ring();
  const bool fits = body.size() <= ring.longest();
  if (fits) {
    from.begin_move(next_seq_);
    if (!ring.push(body, next_seq_)) {
      from.forget_move();
      return Moved::no_room;
    }
  }
  ++next_seq_;  // a dropped record uses one too, as in take()
  from.release(frame.end, frame.seq);
  return fits ? Moved::yes : Moved::too_long;
}

void Intake::settle(Ring& from, std::uint64_t last_seq) noexcept {
  const std::uint64_t seq = from.moving();
  if (seq == 0) return;
  if (const auto frame = from.frame(from.tail()); frame && seq <= last_seq) from.release(frame->end, frame->seq);
  from.forget_move();
}

std::unique_ptr<Spool> Intake::begin(std::unique_ptr<Spool> spool, std::uint64_t next_seq) {
  const std::lock_guard lock(mutex_);
  next_seq_ = next_seq;
  current_.swap(spool);
  longest_.store(longest_of(current_.get()), std::memory_order_relaxed);
  return spool;
}

std::unique_ptr<Spool> Intake::replace(std::unique_ptr<Spool> spool, std::uint64_t add) {
  const std::lock_guard lock(mutex_);
  next_seq_ += add;
  current_.swap(spool);
  longest_.store(longest_of(current_.get()), std::memory_order_relaxed);
  return spool;
}

}  // namespace triage::ledger
