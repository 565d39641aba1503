//   POST /v1/chat/completions HTTP/1.1\r\n
//   Host: api.example.com\r\n
//   <the call's fields>\r\n
//   Content-Length: 1234\r\n            or Transfer-Encoding: chunked, or neither
//   \r\n

#include "upstream/request_head.hpp"

#include "base/text.hpp"
#include "http1/field_grammar.hpp"
#include "http1/hop_by_hop.hpp"

#include <algorithm>

namespace triage::upstream {
namespace {

constexpr std::string_view host_name = "Host";

bool breaks_token(std::string_view text) noexcept {
  return text.empty() || !grammar::visible(text);
}

char* put(char* to, std::string_view text) noexcept {
  return std::ranges::copy(text, to).out;
}

char* put_field(char* to, std::string_view name, std::string_view value) noexcept {
  return put(put(put(put(to, name), ": "), value), "\r\n");
}

void add_length(std::string& out, std::uint64_t length) {
  out.append("Content-Length: ");
  append_number(out, length);
  out.append("\r\n");
}

bool sends_length_of_nothing(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";  // RFC 9110, 8.6
}

void add_framing(const HttpCall& call, std::string& out) {
  if (call.body_source) {
    if (!call.body_length) return void(out.append("Transfer-Encoding: chunked\r\n"));
    return add_length(out, *call.body_length);
  }
  std::uint64_t length = 0;
  for (const std::string_view piece : call.body) length += piece.size();
  if (length > 0 || sends_length_of_nothing(call.method)) add_length(out, length);
}

Error not_sendable(std::string_view what) {
  std::string message(what);
  message += " of a request to a provider holds a byte that no line of HTTP may hold";
  return Error{ErrorCode::internal_error, std::move(message)};
}

}  // namespace

std::string authority(const Url& url) {
  const std::string host = url.host.find(':') == std::string::npos ? url.host : '[' + url.host + ']';
  return host + ':' + std::to_string(url.port);
}

std::string host_field(const Url& url) {
  std::string text = authority(url);
  if (url.port == (url.tls ? 443 : 80)) text.resize(text.rfind(':'));
  return text;
}

Result<void> write_request_head(const HttpCall& call, std::string_view host, std::string& out) {
  if (breaks_token(call.method)) return not_sendable("the method");
  if (breaks_token(call.target)) return not_sendable("the target");
  constexpr std::string_view version = " HTTP/1.1\r\n";
  constexpr std::size_t around_field = 4;  // ": " and the line's end
  std::size_t most =
      call.method.size() + 1 + call.target.size() + version.size() + host_name.size() + host.size() + around_field;
  for (const Field& field : call.fields) {
    if (breaks_token(field.name)) return not_sendable("a field name");
    if (!grammar::valid_value(field.value)) return not_sendable("the value of '" + std::string(field.name) + "'");
    most += field.name.size() + field.value.size() + around_field;
  }
  out.resize(most);
  char* to = put(put(put(put(out.data(), call.method), " "), call.target), version);
  to = put_field(to, host_name, host);
  for (const Field& field : call.fields)
    if (!is_of_the_sender(field.name)) to = put_field(to, field.name, field.value);
  out.resize(static_cast<std::size_t>(to - out.data()));
  add_framing(call, out);
  out.append("\r\n");
  return {};
}

}  // namespace triage::upstream
