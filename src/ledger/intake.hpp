#pragma once
// Where records wait for the writer: one spool at a time, filled by all event loops. The lock is held while one record
// is copied; nothing here calls the operating system.

#include "ledger/spool.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace triage::ledger {

class Intake {
 public:
  /// `next_seq`: the number of the first record. Without a spool every record is refused.
  Intake(std::unique_ptr<Spool> spool, std::uint64_t next_seq) : current_(std::move(spool)), next_seq_(next_seq) {}

  struct Taken {
    bool taken = false;
    bool filling = false;  ///< a quarter or more of the spool is in use
  };
  /// Takes a record. One that finds no room uses up a sequence number, so that its loss shows in the journal.
  Taken take(std::string_view body);

  /// The size of the longest record that fits.
  [[nodiscard]] std::size_t longest() const noexcept { return longest_.load(std::memory_order_relaxed); }

  // These are for the writer's thread.

  enum class Moved : std::uint8_t { yes, no_room, too_long };
  /// Moves the oldest record of `from`, which nobody fills any more, into the spool, under the next number. Even if the
  /// process ends meanwhile, the record is moved exactly once (settle()). A record that can never fit is dropped.
  Moved move_from(Ring& from);

  /// Completes a move_from() during which another process ended. `last_seq`, the highest number in use in the
  /// directory, tells whether the record was moved, so call this before another number is used.
  static void settle(Ring& from, std::uint64_t last_seq) noexcept;

  /// New records go to `spool`, from `next_seq` on. Returns the previous spool, which keeps its numbers.
  std::unique_ptr<Spool> begin(std::unique_ptr<Spool> spool, std::uint64_t next_seq);

  /// New records go to `spool`, with numbers above the highest so far + `add`. Returns the previous spool.
  std::unique_ptr<Spool> replace(std::unique_ptr<Spool> spool, std::uint64_t add);
  /// Valid until replace().
  [[nodiscard]] Spool* current() const noexcept { return current_.get(); }

 private:
  static std::size_t longest_of(Spool* spool) noexcept { return spool ? spool->ring().longest() : 0; }

  std::mutex mutex_;
  std::unique_ptr<Spool> current_;
  std::uint64_t next_seq_;
  std::atomic<std::size_t> longest_;
};

}  // namespace triage::ledger
