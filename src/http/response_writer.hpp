#pragma once
// Writes response heads (RFC 9112, 4 and 6). Pure.

#include "triage/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage::http {

/// How the client can tell where the body ends.
enum class Framing : std::uint8_t { length, chunked, close, none };

struct HeadOptions {
  Framing framing = Framing::length;
  std::uint64_t length = 0;
  bool keep_alive = true;
  int request_minor = 1;         ///< decides whether keep-alive (1.0) or close (1.1) is written
  std::string_view request_id;   ///< sent as x-request-id
  std::string_view cors_origin;  ///< sent as Access-Control-Allow-Origin when not empty
};

/// Writes the head into `out`, replacing its content. Fields of `head` that the gateway sets itself (framing,
/// Connection, Date, x-request-id) are left out.
void write_head(std::string& out, const ResponseHead& head, const HeadOptions& options);

/// "Internal Server Error" for 500; "Unknown" for a status that RFC 9110 does not name.
std::string_view reason_phrase(int status) noexcept;

/// Writes a chunk's size line, hexadecimal and CRLF, into `out` (18 bytes suffice). Returns what was written.
std::string_view chunk_size_line(std::size_t size, char* out) noexcept;

/// Whether a response has no body, whatever its fields say: 304, 204 and 1xx (RFC 9110, 6.4.1).
constexpr bool bodiless(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace triage::http
