#pragma once
// Reads AWS's event streams (application/vnd.amazon.eventstream) from bytes that arrive in any pieces. No I/O. Linear
// in the bytes fed, however they are split.

#include "base/buffer.hpp"
#include "triage/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace triage::bedrock {

struct EventHeader {
  enum class Type : std::uint8_t { yes, no, byte, int16, int32, int64, bytes, string, timestamp, uuid };
  std::string_view name;
  Type type = Type::yes;
  std::string_view value;  ///< as it came: numbers are big-endian
};

class EventStream {
 public:
  /// `frame_bytes_max` bounds one frame, as AWS's own 16 MiB does.
  explicit EventStream(std::size_t frame_bytes_max);

  /// Its views are valid until the next call of feed() or next().
  struct Frame {
    std::vector<EventHeader> headers;
    std::string_view payload;  ///< followed by body_padding readable bytes
    /// The value of a header that is a string; "": it has none.
    [[nodiscard]] std::string_view text(std::string_view name) const noexcept;
  };

  /// `bytes` must be followed by body_padding readable bytes and stay valid until next() has returned null, which must
  /// come before the next feed().
  void feed(std::string_view bytes) noexcept { fed_ = bytes; }

  /// Returns the next whole frame; null: feed more. Errors: upstream_bad_response when a checksum, a length or a header
  /// is wrong, upstream_too_large; the reader must not be used afterwards.
  Result<const Frame*> next();

 private:
  bool gather(std::size_t size);
  std::optional<Error> read(std::string_view frame, std::size_t header_bytes);

  std::size_t frame_bytes_max_;
  std::string_view fed_;
  Buffer pending_;  // a frame that came in several pieces
  Frame frame_;
  std::vector<std::string_view> names_;
  bool emitted_ = false;  // pending_ is on loan to the caller
};

}  // namespace triage::bedrock
