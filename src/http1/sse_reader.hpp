#pragma once
// Reads server-sent events from bytes that arrive in any pieces (WHATWG HTML, 9.2.5 and 9.2.6). Lines end in CRLF, CR
// or LF, mixed at will; a leading byte order mark and comments are dropped. No I/O. Linear in the bytes fed, however
// they are split.

#include "triage/error.hpp"

#include "base/buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace triage {

class SseReader {
 public:
  /// `event_bytes_max` bounds an event's `raw`.
  explicit SseReader(std::size_t event_bytes_max);

  /// Both views are followed by body_padding readable bytes and valid until the next call of feed(), next() or
  /// finish().
  struct Event {
    std::string_view data;  ///< the values of its data lines, joined with '\n'; may be empty ("data:")
    std::string_view raw;   ///< what to forward: all its fields in LF framing and the blank line, without comments and
                            ///< byte order mark
  };

  /// `bytes` must be followed by body_padding readable bytes and stay valid until next() has returned nullopt, which
  /// must come before the next feed().
  void feed(std::string_view bytes);
  /// Feeds bytes that need to live only for this call and need nothing behind them.
  void feed_copy(std::string_view bytes);

  /// No more bytes will come: from now on next() also returns what finish() would.
  void end() noexcept { ended_ = true; }

  /// Returns the next complete event, or nullopt: feed more. An event is complete once the CR or LF that ends its blank
  /// line has come; an LF after that CR is not waited for. Events without a data line are skipped.
  /// Errors: upstream_too_large when an event exceeds the bound; the reader must not be used afterwards.
  Result<std::optional<Event>> next();

  /// To be called at the end of the stream, after next() returned nullopt. Returns an event that lacks its blank line
  /// (some servers omit it), if it has a data line. `raw` gets the missing line ends.
  Result<std::optional<Event>> finish();

 private:
  enum class Line : std::uint8_t { incomplete, field, blank, too_large };

  Result<std::optional<Event>> next_complete();
  [[nodiscard]] Error too_large() const;
  [[nodiscard]] bool at_event_start() const noexcept;
  void start_event_if_emitted() noexcept;
  void skip_preamble();
  std::optional<Event> take_in_place() noexcept;
  Line take_line();
  void end_line();
  std::optional<Event> end_event() noexcept;

  std::size_t event_bytes_max_;
  std::string_view fed_;        // what is left of the bytes fed
  Buffer copy_;                 // backs fed_, if that was not borrowed
  Buffer raw_;                  // the pending event's lines with LF framing; the last may be incomplete
  Buffer data_;                 // the event's data, if it has more than one line
  std::size_t line_begin_ = 0;  // of the last line in raw_
  std::size_t data_begin_ = 0;  // of the first data line's value in raw_
  std::size_t data_size_ = 0;
  std::size_t data_lines_ = 0;
  std::size_t mark_bytes_ = 0;  // of the byte order mark, as seen so far or ruled out
  bool in_comment_ = false;
  bool after_cr_ = false;  // a line feed that comes now is part of a CRLF
  bool ended_ = false;
  bool emitted_ = false;  // raw_ and data_ are on loan to the caller
};

}  // namespace triage
