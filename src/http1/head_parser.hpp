#pragma once
// Reads the head of an HTTP/1.x request, strictly: it refuses what two readers could understand differently (RFC 9112,
// 3, 5, 6 and 11.2). Sans I/O. Resumable at every byte; the verdict depends on the bytes alone, not on how they were
// split.

#include "http1/field_grammar.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

class RequestHeadParser {
 public:
  enum class Status : std::uint8_t { need_more, done, failed };

  explicit RequestHeadParser(HeadLimits limits) noexcept;

  /// `data`: everything received since the end of the previous request, from its first byte. Each call gets the same
  /// bytes with more behind them, possibly at another address. No byte is scanned twice. On done, `head` is filled with
  /// views into this call's `data` (reusing the capacity of its fields); otherwise it is left alone.
  /// After done or failed, call reset() before the next feed().
  ///
  /// `head.path` is what follows the authority of an absolute-form target ("/" if nothing does). For CONNECT and for
  /// URIs that are neither http nor https it is the whole target, which no route matches. `head.host` comes from the
  /// target if that names one (RFC 9112, 3.2.2), else from Host; it is empty only in HTTP/1.0. `head.minor` is 0 or 1.
  /// `head.expect_continue` is set only when a body is to come. `head.keep_alive` is false for CONNECT.
  ///
  /// Errors: malformed_http, uri_too_long, head_too_large, http_version_not_supported, unsupported_transfer_coding,
  /// expectation_failed. The connection must be closed after any of them.
  Status feed(std::string_view data, RequestHead& head);

  /// After done: the bytes up to and including the empty line, with the leading CRLFs that were skipped.
  [[nodiscard]] std::size_t consumed() const noexcept { return at_; }

  /// After failed: why.
  [[nodiscard]] const Error& error() const noexcept { return error_; }

  /// True once a byte of a request line has been seen; leading CRLFs do not count.
  [[nodiscard]] bool started() const noexcept { return state_ > State::leading_line_feed; }

  /// The number of this head's fields seen so far.
  [[nodiscard]] std::size_t field_count() const noexcept { return scanner_.spans().size(); }

  void reset() noexcept;

 private:
  enum class State : std::uint8_t { leading, leading_line_feed, method, target, version, fields };

  Status feed_request_line(std::string_view data);
  Status feed_leading(std::string_view data);
  Status feed_method(std::string_view data);
  Status feed_target(std::string_view data);
  Status feed_version(std::string_view data);
  Status feed_fields(std::string_view data, RequestHead& head);
  bool check_target_start(char first, std::string_view method);
  bool check_target(std::string_view target, std::string_view method);
  bool check_absolute_form(std::string_view target, std::size_t scheme_end);
  bool check_field(grammar::Name name, const grammar::FieldSpan& span, std::string_view data);
  bool check_head();
  void fill(std::string_view data, RequestHead& head) const;
  Status fail(ErrorCode code, std::string message);

  /// A piece of the request line, as offsets.
  struct Piece {
    std::size_t at = 0;
    std::size_t size = 0;
    [[nodiscard]] std::string_view in(std::string_view data) const noexcept { return {data.data() + at, size}; }
  };

  HeadLimits limits_;
  State state_ = State::leading;
  std::size_t at_ = 0;
  Piece method_;
  Piece target_;
  Piece path_;
  Piece authority_;       ///< of an absolute-form or authority-form target, without userinfo
  bool foreign_ = false;  ///< the target is not a path of ours: CONNECT, or another scheme
  std::size_t version_at_ = 0;
  int major_ = 1;
  int minor_ = 1;
  bool connect_ = false;

  bool host_seen_ = false;
  Piece host_;
  std::optional<std::uint64_t> content_length_;
  bool expect_seen_ = false;
  bool expect_unknown_ = false;
  grammar::TransferCodings codings_;
  grammar::ConnectionOptions connection_;
  grammar::FieldScanner scanner_;
  Error error_;
};

}  // namespace triage
