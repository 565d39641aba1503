#pragma once
// Reads the journal: complete lines in order, each once, even while another process writes it.

#include "ledger/line.hpp"
#include "ledger/spool.hpp"

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace triage::ledger {

/// What a reader skipped.
struct Skipped {
  std::uint64_t damaged = 0;   ///< lines
  std::uint64_t torn = 0;      ///< segments that end inside a line, because the process that wrote it was cut off
  std::uint64_t repeated = 0;  ///< lines whose sequence number is not above the one before
  Skipped& operator+=(const Skipped& more) noexcept;
};

/// One segment.
class SegmentReader {
 public:
  explicit SegmentReader(const std::string& path, std::uint64_t offset = 0);

  /// The next complete line, valid until the next call. False: no more for now. `last`: no more will come, so a line
  /// without newline is torn.
  bool next(Line& out, bool last);

  [[nodiscard]] bool opened() const noexcept { return static_cast<bool>(file_); }
  /// The offset after the last line.
  [[nodiscard]] std::uint64_t offset() const noexcept { return begin_ + (scanner_ ? scanner_->offset() : 0); }
  [[nodiscard]] Skipped counts() const noexcept;

 private:
  [[nodiscard]] bool was_cut() const noexcept;

  File file_;
  std::vector<char> buffer_;
  std::size_t wanted_;
  std::uint64_t begin_;  ///< offset of the buffer in the file
  std::optional<LineScanner> scanner_;
  Skipped before_;
};

/// A position between two lines.
struct Position {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  auto operator<=>(const Position&) const = default;
};

/// The first position at which a record of that time or later may be: a segment's last change is never before the
/// beginning of any record in it. If no segment has changed since, all of the journal.
Position first_position(const std::string& folder, std::int64_t since_unix_ms);

class JournalReader {
 public:
  /// Reads from `from` on the lines with sequence numbers above `after_seq`. A segment that is gone is skipped.
  JournalReader(std::string folder, Position from = {}, std::uint64_t after_seq = 0);

  /// The next line. False: no more for now. `last`: nobody writes the journal any more.
  bool next(Line& out, bool last);

  /// The position after the last line.
  [[nodiscard]] Position position() const noexcept { return at_; }
  [[nodiscard]] std::uint64_t last_seq() const noexcept { return last_seq_; }
  [[nodiscard]] Skipped counts() const noexcept;
  /// The number of sequence numbers missing between lines.
  [[nodiscard]] std::uint64_t missing() const noexcept { return missing_; }

 private:
  bool next_new(Line& out, bool last);
  bool open_from(std::uint64_t number, std::uint64_t offset);
  /// The first existing segment from `number` on.
  [[nodiscard]] std::optional<std::uint64_t> segment_from(std::uint64_t number) const;

  std::string folder_;
  Position at_;
  std::uint64_t last_seq_;
  std::uint64_t missing_ = 0;
  std::unique_ptr<SegmentReader> reader_;
  Skipped before_;
};

}  // namespace triage::ledger
