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

/// Appends the line of a frame of the spool. Frames hold the bodies of their lines; one that held a binary record would
/// become JSON here, on the writer's thread, and nowhere else.
void append_line(std::string& out, const Ring::Frame& frame, std::uint64_t seq);

struct Line {
  std::string_view json;  ///< without the newline
  std::uint64_t seq = 0;
};

/// `text` is a line without its newline; nothing if it is not exactly one, or its checksum is wrong.
std::optional<Line> read_line(std::string_view text) noexcept;

/// Cuts text into lines, skipping what is damaged and nothing else: it goes on at the next newline, or, should the
/// newline itself be lost, where the next record begins.
class LineScanner {
 public:
  /// `last`: nothing will follow `text`, so what has no newline is torn (or whole, if its checksum is right).
  LineScanner(std::string_view text, bool last) : text_(text), last_(last) {}

  /// False: no whole line is left.
  bool next(Line& out);

  /// Behind what was consumed: a line may begin here, and the next scan too.
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
