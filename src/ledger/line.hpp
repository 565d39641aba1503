#pragma once
// The journal's lines: JSON objects whose last two members are a sequence number and a checksum,
//
//   {"v":1,...,"seq":1204,"crc32c":"9ae1c3f2"}\n
//
// The checksum (base/crc32c.hpp) covers all bytes of the line before `,"crc32c"`. Pure.

#include "ledger/ring.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage::ledger {

/// Appends `body`, an object without its closing brace, as a line.
void append_line(std::string& out, std::string_view body, std::uint64_t seq);

/// Appends the line for a frame of the spool. Frames hold the bodies of their lines. If they ever hold binary records,
/// these become JSON here, on the writer's thread, and nowhere else.
void append_line(std::string& out, const Ring::Frame& frame, std::uint64_t seq);

struct Line {
  std::string_view json;  ///< without the newline
  std::uint64_t seq = 0;
};

/// Parses `text`, a line without its newline. Nothing if it is not exactly one line, or its checksum is wrong.
std::optional<Line> read_line(std::string_view text) noexcept;

/// Splits text into lines, skipping only what is damaged: it resumes at the next newline or, if the newline itself is
/// lost, where the next record begins.
class LineScanner {
 public:
  /// `last`: nothing will follow `text`, so a line without newline is torn (or complete, if its checksum is right).
  LineScanner(std::string_view text, bool last) : text_(text), last_(last) {}

  /// False: no complete line is left.
  bool next(Line& out);

  /// The offset after what was consumed. A line may begin here, and so may the next scan.
  [[nodiscard]] std::size_t offset() const noexcept { return at_; }
  [[nodiscard]] std::uint64_t damaged() const noexcept { return damaged_; }
  [[nodiscard]] bool torn() const noexcept { return torn_; }

 private:
  bool next_piece(std::size_t end, bool ends_with_newline, Line& out);

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t damaged_ = 0;
  bool last_;
  bool torn_ = false;
};

}  // namespace triage::ledger
