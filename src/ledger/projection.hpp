#pragma once
// What the projector writes to: a database that is kept up with the journal. SqliteProjection is one; another one can
// follow the same journal beside it.

#include "ledger/entry.hpp"
#include "ledger/journal_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

namespace triage::ledger {

/// How far into the journal a database has come.
struct Checkpoint {
  Position at;
  std::uint64_t seq = 0;
  bool operator==(const Checkpoint&) const = default;
};

/// Lines of the journal on their way to a database, decoded one by one. It sees entries only: what they are decoded
/// from is no business of a database's.
class Batch {
 public:
  /// Up to `lines_max` lines of `journal`, from where it stands. `last`: nobody writes the journal any more.
  Batch(JournalReader& journal, Entry& entry, std::size_t lines_max, bool last)
      : journal_(journal), entry_(entry), left_(lines_max), last_(last) {
    take();
  }

  [[nodiscard]] bool empty() const noexcept { return !more_ && lines_ == 0; }
  /// The next entry, valid until the next call; null at the end. Lines that cannot be read are passed over and counted.
  const Entry* next();

  /// Of what next() has passed, entries and others.
  [[nodiscard]] std::size_t lines() const noexcept { return lines_; }
  [[nodiscard]] std::size_t unknown() const noexcept { return unknown_; }
  /// Behind the last line; when next() has returned null.
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

/// What has had its time.
struct Outdated {
  std::uint64_t seq = 0;                     ///< rows up to this one: the ledger removed their file from the journal
  std::uint64_t first_seq = 0;               ///< the journal's first: rows before it, whose file somebody took away,
  std::int64_t begin_unix_ms = INT64_MIN;    ///< go if they are from before this; so do sums
  std::int64_t minutes_unix_ms = INT64_MIN;  ///< sums of minutes before: no report uses them any more
};

/// Used by one thread. What throws has changed nothing; then the object is done with and another one is opened.
class Projection {
 public:
  virtual ~Projection() = default;

  [[nodiscard]] virtual const Checkpoint& checkpoint() const noexcept = 0;

  /// Writes the batch, which begins at the checkpoint, and moves the checkpoint behind it, in one transaction. An entry
  /// whose sequence number it has is not written again.
  virtual void write(Batch& batch) = 0;

  /// Removes some of what is outdated. False: nothing was left to remove.
  virtual bool retire(const Outdated& outdated) = 0;

  /// Whether it is still there: nobody has removed it.
  [[nodiscard]] virtual bool in_place() const = 0;
};

/// How a projector comes by its database.
struct ProjectionTarget {
  /// Opens or makes it.
  std::function<std::unique_ptr<Projection>()> open;
  /// Told what a call threw, when the object is gone: what is damaged can be put aside, so that open() makes it anew.
  std::function<void(const std::exception&)> failed;
};

}  // namespace triage::ledger
