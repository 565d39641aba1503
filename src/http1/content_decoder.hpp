#pragma once
// Undoes the Content-Encoding of a body (RFC 9110, 8.4.1): gzip (RFC 1952) and deflate (zlib's form, RFC 1950, or as
// some servers send it, RFC 1951's), in any pieces. No I/O. What a piece of a body stands for comes in pieces of
// bounded size, however well it was compressed: whoever takes them bounds their sum.

#include "base/buffer.hpp"
#include "triage/error.hpp"
#include "triage/message.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct z_stream_s;

namespace triage {

enum class ContentCoding : std::uint8_t { identity, gzip, deflate, unknown };

/// What these fields say of the body that follows; several codings, one over the other, are unknown.
ContentCoding content_coding(const std::vector<Field>& fields) noexcept;

/// What of an Accept-Encoding's value can be undone, with its weights; "identity" if nothing of it can.
std::string decodable(std::string_view accept_encoding);

class ContentDecoder {
 public:
  static constexpr std::size_t piece_bytes = 64 * 1024;

  /// `coding`: gzip or deflate. A body that says gzip and does not begin as such is taken as it is.
  explicit ContentDecoder(ContentCoding coding);
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;
  ~ContentDecoder();

  /// The next bytes of the body; borrowed until next() has returned nothing.
  void feed(std::string_view bytes);

  /// At most piece_bytes of what was fed, body_padding readable bytes behind, valid until the next call; empty: feed
  /// more. Error: upstream_bad_response, the body is not what it says.
  Result<std::string_view> next();

  /// Of a body that has ended: whether what it holds has, too.
  [[nodiscard]] bool complete() const noexcept { return form_ == Form::plain || at_end_ || !begun_; }

 private:
  enum class Form : std::uint8_t { unknown, plain, compressed };
  bool find_form();
  std::string_view take_plain();
  Result<std::string_view> inflate_some();

  ContentCoding coding_;
  Form form_ = Form::unknown;
  std::unique_ptr<z_stream_s> stream_;
  std::string_view fed_;
  char first_[2]{};  // of the body: they tell its form
  std::size_t first_size_ = 0;
  std::size_t first_used_ = 0;
  Buffer out_;
  bool begun_ = false;
  bool at_end_ = false;  // of a member: another may follow
};

}  // namespace triage
