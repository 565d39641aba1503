#pragma once
// The grammar that requests, responses and trailers share: tokens, field lines, list values, Content-Length, Host
// (RFC 9110, 5 and 7.2; RFC 9112, 5 and 6; RFC 3986, 3.2). Pure functions and one resumable scanner; nothing allocates.

#include "base/ascii.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// Bounds on a head. `fields_bytes` counts every field line with its CRLF, but not the empty line that ends them.
struct HeadLimits {
  std::size_t target_bytes = 16 * 1024;
  std::size_t fields_bytes = 16 * 1024;
  std::size_t fields = 100;
};

namespace grammar {

enum ByteClass : std::uint8_t {
  token_byte = 1,     ///< tchar (RFC 9110, 5.6.2)
  value_byte = 2,     ///< VCHAR, SP, HTAB, obs-text (RFC 9110, 5.5)
  target_byte = 4,    ///< VCHAR without '#', because a target carries no fragment (RFC 9112, 3.2)
  host_byte = 8,      ///< unreserved, sub-delims: reg-name without pct-encoded (RFC 3986, 3.2.2)
  visible_byte = 32,  ///< VCHAR (RFC 5234, B.1)
  quoted_byte = 16    ///< qdtext (RFC 9110, 5.6.4)
};

extern const std::array<std::uint8_t, 256> byte_classes;

inline bool is(char byte, ByteClass wanted) noexcept {
  return (byte_classes[static_cast<unsigned char>(byte)] & wanted) != 0;
}
constexpr bool is_blank(char byte) noexcept {
  return byte == ' ' || byte == '\t';
}

/// `0x0d` and the like, for messages: a peer's bytes must never reach a log or a reply unescaped.
std::string spell(char byte);

/// At most 40 bytes of `text` in quotes, with everything but printable ASCII escaped.
std::string quote(std::string_view text);

/// Removes SP and HTAB at both ends.
std::string_view trim(std::string_view text) noexcept;

/// Calls `visit` with each element of a comma-separated list, trimmed, empty ones included.
template <class Visit>
void for_each_element(std::string_view list, Visit visit) {
  while (true) {
    const std::size_t comma = list.find(',');
    visit(trim(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

/// *value_byte: contains nothing that could end a field line.
bool valid_value(std::string_view text) noexcept;

/// *visible_byte: contains neither white space nor control characters.
bool visible(std::string_view text) noexcept;

/// 1*DIGIT of at most 18 digits (RFC 9112, 6.2). Lists such as `5, 5` are refused.
std::optional<std::uint64_t> content_length(std::string_view value) noexcept;

/// uri-host [ ":" port ], host not empty (RFC 9110, 7.2; RFC 3986, 3.2.2 and 3.2.3). No userinfo, no path.
bool valid_host(std::string_view authority) noexcept;

/// The part of a valid authority behind its last colon outside brackets; nullopt if there is no such colon.
std::optional<std::string_view> port_of(std::string_view authority) noexcept;

/// Fields that the gateway acts on. Everything else is `other`.
enum class Name : std::uint8_t { other, host, content_length, transfer_encoding, connection, expect };
Name name_of(std::string_view name) noexcept;

/// Whether a trailer must not contain `name`: framing, routing, authentication (RFC 9110, 6.5.1). The longest such name
/// has 19 bytes.
bool forbidden_in_trailer(std::string_view name) noexcept;
inline constexpr std::size_t forbidden_name_bytes_max = 19;

/// What the Transfer-Encoding lines of one head say, taken together.
class TransferCodings {
 public:
  enum class Verdict : std::uint8_t {
    absent,
    chunked,      ///< `chunked`, once, alone
    unsupported,  ///< a well-formed list of other codings that ends in one `chunked` (RFC 9112, 6.1: 501)
    invalid       ///< anything else: the length of the body cannot be known (RFC 9112, 6.3: 400)
  };
  void add_line(std::string_view value) noexcept;
  [[nodiscard]] Verdict verdict() const noexcept;
  void reset() noexcept { *this = TransferCodings(); }

 private:
  std::size_t codings_ = 0;
  std::size_t chunked_ = 0;
  bool last_is_chunked_ = false;
  bool malformed_ = false;
};

/// What the Connection lines of one head say (RFC 9110, 7.6.1).
struct ConnectionOptions {
  bool close = false;
  bool keep_alive = false;

  void add_line(std::string_view value) noexcept;
  /// Whether the connection persists (RFC 9112, 9.3).
  [[nodiscard]] bool persistent(int minor) const noexcept { return !close && (minor >= 1 || keep_alive); }
};

/// Where a field is, as offsets, because the bytes may move until the head is complete.
struct FieldSpan {
  std::uint32_t name = 0;
  std::uint32_t name_size = 0;
  std::uint32_t value = 0;
  std::uint32_t value_size = 0;

  [[nodiscard]] std::string_view name_in(std::string_view data) const noexcept {
    return {data.data() + name, name_size};
  }
  [[nodiscard]] std::string_view value_in(std::string_view data) const noexcept {
    return {data.data() + value, value_size};
  }
};

/// Scans a field section and the empty line that ends it. Resumable at every byte; looks at no byte twice. What it
/// reports depends on the bytes alone, never on how they were split.
class FieldScanner {
 public:
  enum class Step : std::uint8_t { need_more, line, end, malformed, too_large };

  /// `at`: offset of the first byte of the section.
  void begin(std::size_t at, const HeadLimits& limits) noexcept;

  /// `line`: one more field is in spans(). `end`: position() is behind the empty line. malformed, too_large: fault()
  /// says why, and next() must not be called again.
  Step next(std::string_view data);

  [[nodiscard]] const std::vector<FieldSpan>& spans() const noexcept { return spans_; }
  [[nodiscard]] std::size_t position() const noexcept { return at_; }
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

 private:
  enum class State : std::uint8_t { line_start, name, before_value, value, line_feed, last_line_feed };

  Step fail(Step step, std::string fault);
  Step fail_name(char byte);
  Step fail_value(char byte);
  Step fail_bytes();

  State state_ = State::line_start;
  std::size_t at_ = 0;
  std::size_t bytes_end_ = 0;  ///< the first offset that no field line may reach
  std::size_t bytes_max_ = 0;
  std::size_t fields_max_ = 0;
  std::size_t value_end_ = 0;
  FieldSpan current_;
  std::vector<FieldSpan> spans_;
  std::string fault_;
};

}  // namespace grammar
}  // namespace triage
