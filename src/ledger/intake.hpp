#pragma once
// Where records wait for the writer: one spool at a time, filled by all event loops. A lock is held for a copy of one
// record; nothing here calls the operating system.

#include "ledger/spool.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace triage::ledger {

class Intake {
 public:
  /// `next_seq`: of the first record. Without a spool everything is refused.
  Intake(std::unique_ptr<Spool> spool, std::uint64_t next_seq) : current_(std::move(spool)), next_seq_(next_seq) {}

  struct Taken {
    bool taken = false;
    bool filling = false;  ///< a quarter or more of the spool is in use
  };
  /// A record that finds no room uses a sequence number up, so that its loss can be seen in the journal.
  Taken take(std::string_view body);

  /// The longest record that fits.
  [[nodiscard]] std::size_t longest() const noexcept { return longest_.load(std::memory_order_relaxed); }

  // For the writer's thread:

  enum class Moved : std::uint8_t { yes, no_room, too_long };
  /// Moves the oldest record of `from`, which nobody fills any more, into the spool, under the next number: once,
  /// whenever the process ends (settle()). One that never fits is given up.
  Moved move_from(Ring& from);

  /// Another process was ended in move_from(): whether it had moved the record is told by `last_seq`, the highest
  /// number in use in the directory, before any other is given.
  static void settle(Ring& from, std::uint64_t last_seq) noexcept;

  /// New records go to `spool`, from `next_seq` on. Returns the spool before, whose numbers are its own.
  std::unique_ptr<Spool> begin(std::unique_ptr<Spool> spool, std::uint64_t next_seq);

  /// New records go to `spool`, with numbers above `add` + the highest so far. Returns the spool before.
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
