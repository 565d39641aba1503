#pragma once
// Reads the head of one HTTP/1.x response from a provider (RFC 9112, 4 and 6.3). Strict wherever leniency could make
// the gateway and the provider disagree about where a response ends. Sans I/O, resumable at every byte.

#include "http1/field_grammar.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// How the body ends: exactly one of `content_length`, `chunked`, `until_close`. A response that cannot have a body (to
/// HEAD, 1xx, 204, 304) has content_length 0, whatever it declares; the declared value is still among the fields.
struct ResponseFraming {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool until_close = false;
  bool keep_alive = true;  ///< the connection may carry another request, if no byte follows this response's end
};

class ResponseHeadParser {
 public:
  enum class Status : std::uint8_t { need_more, done, failed };

  explicit ResponseHeadParser(HeadLimits limits) noexcept;

  /// Like RequestHeadParser::feed. Reads one head, which may be an interim one (1xx): the caller loops over those and
  /// limits their number. 101 is an error, because the gateway never asks for it. Every error is upstream_bad_response.
  /// `limits.target_bytes` bounds the status line. The fields include framing and hop-by-hop fields; the caller drops
  /// them.
  Status feed(std::string_view data, bool to_head_request, ResponseHead& head, ResponseFraming& framing);

  /// After done: the bytes up to and including the empty line.
  [[nodiscard]] std::size_t consumed() const noexcept { return at_; }
  [[nodiscard]] const Error& error() const noexcept { return error_; }
  void reset() noexcept;

 private:
  enum class State : std::uint8_t { version, reason, line_feed, fields };

  Status feed_status_line(std::string_view data);
  Status feed_reason(std::string_view data);
  Status feed_fields(std::string_view data);
  bool check_field(grammar::Name name, std::string_view value);
  bool check_framing();
  [[nodiscard]] ResponseFraming framing_of(bool to_head_request) const noexcept;
  Status fail(std::string message);

  HeadLimits limits_;
  State state_ = State::version;
  std::size_t at_ = 0;
  int status_ = 0;
  int minor_ = 1;
  std::optional<std::uint64_t> content_length_;
  grammar::TransferCodings codings_;
  grammar::ConnectionOptions connection_;
  grammar::FieldScanner scanner_;
  Error error_;
};

}  // namespace triage
