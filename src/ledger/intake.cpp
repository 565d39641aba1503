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

std::unique_ptr<Spool> Intake::replace(std::unique_ptr<Spool> spool, std::uint64_t add) {
  const std::lock_guard lock(mutex_);
  next_seq_ += add;
  current_.swap(spool);
  longest_.store(longest_of(current_.get()), std::memory_order_relaxed);
  return spool;
}

}  // namespace triage::ledger
