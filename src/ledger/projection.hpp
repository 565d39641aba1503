#pragma once
// What the projector writes to: a database that follows the journal. SqliteProjection is one; another can follow the
// same journal beside it.

#include "ledger/entry.hpp"
#include "ledger/journal_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

namespace triage::ledger {

/// How far a database has followed the journal.
struct Checkpoint {
  Position at;
  std::uint64_t seq = 0;
  bool operator==(const Checkpoint&) const = default;
};

/// Lines of the journal on their way to a database, decoded one by one. The database sees only entries, not what they
/// were decoded from.
class Batch {
 public:
  /// Takes up to `lines_max` lines from `journal`'s position on. `last`: nobody writes the journal any more.
  Batch(JournalReader& journal, Entry& entry, std::size_t lines_max, bool last)
      : journal_(journal), entry_(entry), left_(lines_max), last_(last) {
    take();
  }

  [[nodiscard]] bool empty() const noexcept { return !more_ && lines_ == 0; }
  /// The next entry, valid until the next call; null at the end. Unreadable lines are skipped and counted.
  const Entry* next();

  /// The number of lines that next() has passed, entries or not.
  [[nodiscard]] std::size_t lines() const noexcept { return lines_; }
  [[nodiscard]] std::size_t unknown() const noexcept { return unknown_; }
  /// The position after the last line. Valid once next() has returned null.
  [[nodiscard]] Checkpoint reached() const noexcept { return {journal_.position(), journal_.last_seq()}; }

 private:
  void take() { more_ = left_ > 0 && journal_.next(line_, last_); }

  JournalReader& journal_;
  Entry& entry_;
  Line line_;
  std::size_t left_;
  std::size_t lines_ = 0;
  std::size_t unknown_ = 0;
  bool last_;
  bool more_ = false;
};

/// What is due for removal.
struct Outdated {
  std::uint64_t seq = 0;        ///< remove rows up to this one: the ledger removed their file from the journal
  std::uint64_t first_seq = 0;  ///< the journal's first: rows before it, whose file somebody took away,
  std::int64_t begin_unix_ms = INT64_MIN;    ///< are removed if they are from before this; so are sums
  std::int64_t minutes_unix_ms = INT64_MIN;  ///< remove sums of minutes before this: no report uses them any more
};

/// Used by one thread. A call that throws has changed nothing; then this object must be replaced by a new one.
class Projection {
 public:
  virtual ~Projection() = default;

  [[nodiscard]] virtual const Checkpoint& checkpoint() const noexcept = 0;

  /// Writes the batch, which begins at the checkpoint, and moves the checkpoint to its end, in one transaction. Entries
  /// whose sequence numbers it has already are not written again.
  virtual void write(Batch& batch) = 0;

  /// Removes some of what is outdated. False: nothing was left to remove.
  virtual bool retire(const Outdated& outdated) = 0;

  /// Whether the database is still there, and nobody has removed it.
  [[nodiscard]] virtual bool in_place() const = 0;
};

/// How a projector opens its database.
struct ProjectionTarget {
  /// Opens or creates it.
  std::function<std::unique_ptr<Projection>()> open;
  /// Called with what a call threw, once the object is gone. A damaged database can be moved aside here, so that open()
  /// creates a new one.
  std::function<void(const std::exception&)> failed;
};

}  // namespace triage::ledger
