#include "http/response_writer.hpp"

#include "base/text.hpp"
#include "http1/hop_by_hop.hpp"

#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <ctime>

namespace triage::http {
namespace {

// RFC 9110, 5.6.7. Made once a second.
std::string_view http_date() {
  thread_local std::time_t made_for = 0;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_for) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made_for = now;
  }
  return {text.data(), size};
}

bool said_by_us(std::string_view name) noexcept {
  switch (name.size()) {
    case 4: return iequals(name, "date");
    case 12: return iequals(name, "x-request-id");
    case 14: return iequals(name, "content-length");
    default: return is_hop_by_hop(name);
  }
}

}  // namespace

void write_head(std::string& out, const ResponseHead& head, const HeadOptions& options) {
  out.assign("HTTP/1.1 ");
  append_number(out, head.status);
  out.append(" ").append(reason_phrase(head.status)).append("\r\n");
  for (const Field& field : head.fields) {
    if (said_by_us(field.name)) continue;
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  out.append("x-request-id: ").append(options.request_id).append("\r\nDate: ").append(http_date()).append("\r\n");
  if (!options.cors_origin.empty()) {
    out.append("Access-Control-Allow-Origin: ").append(options.cors_origin);
    out.append("\r\nAccess-Control-Expose-Headers: *\r\nVary: Origin\r\n");
  }
  if (options.framing == Framing::length) {
    out.append("Content-Length: ");
    append_number(out, options.length);
    out.append("\r\n");
  } else if (options.framing == Framing::chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (head.status == 426) out.append("Upgrade: websocket\r\nConnection: Upgrade\r\n");  // RFC 9110, 15.5.22
  if (!options.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (options.request_minor == 0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

std::string_view reason_phrase(int status) noexcept {
  const std::string_view known = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return known.starts_with('<') ? "Unknown" : known;  // <unknown-status>
}

std::string_view chunk_size_line(std::size_t size, char* out) noexcept {
  char* end = std::to_chars(out, out + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {out, static_cast<std::size_t>(end - out)};
}

}  // namespace triage::http
