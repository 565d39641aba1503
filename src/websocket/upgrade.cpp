#include "websocket/upgrade.hpp"

#include "base/ascii.hpp"
#include "http1/field_grammar.hpp"

#include <algorithm>
#include <string>

namespace triage::websocket {
namespace {

constexpr std::string_view version = "13";  // RFC 6455, 4.1
constexpr std::size_t key_bytes = 24;       // 16 bytes in base64

template <class Wanted>
bool any_element(const RequestHead& head, std::string_view name, Wanted wanted) {
  bool found = false;
  for (const Field& field : head.fields)
    if (iequals(field.name, name))
      grammar::for_each_element(field.value, [&](std::string_view element) { found = found || wanted(element); });
  return found;
}

bool names(const RequestHead& head, std::string_view name, std::string_view token) {
  return any_element(head, name, [token](std::string_view element) { return iequals(element, token); });
}

bool is_offer(std::string_view protocol) noexcept {
  return protocol.empty() || iequals(protocol, "h2c");
}

std::size_t count(const RequestHead& head, std::string_view name) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(head.fields, [name](const Field& field) { return iequals(field.name, name); }));
}

bool is_key(std::string_view text) noexcept {
  const auto digit = [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/'; };
  return text.size() == key_bytes && text.ends_with("==") && std::ranges::all_of(text.substr(0, 22), digit);
}

Error fault(std::string message) {
  return {ErrorCode::invalid_value, "the request for a WebSocket " + std::move(message)};
}

bool starts_with(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

}  // namespace

bool asks_for_upgrade(const RequestHead& head) noexcept {
  return names(head, "connection", "upgrade") &&
         any_element(head, "upgrade", [](std::string_view protocol) { return !is_offer(protocol); });
}

bool asks_for_web_socket(const RequestHead& head) noexcept {
  return names(head, "connection", "upgrade") && names(head, "upgrade", "websocket");
}

std::optional<Error> handshake_fault(const RequestHead& head) {
  if (head.method != "GET") return fault("must be a GET, not " + grammar::quote(head.method));
  if (head.minor < 1) return fault("must be of HTTP/1.1");
  if (head.has_body()) return fault("must not have a body");
  const auto asked = find_field(head.fields, "sec-websocket-version");
  if (!asked || *asked != version || count(head, "sec-websocket-version") != 1)
    return Error{ErrorCode::upgrade_required,
                 "the gateway speaks version 13 of the WebSocket protocol (Sec-WebSocket-Version), not " +
                     grammar::quote(asked.value_or(""))};
  if (count(head, "sec-websocket-key") != 1 || !is_key(*find_field(head.fields, "sec-websocket-key")))
    return fault("needs one Sec-WebSocket-Key: 16 bytes in base64");
  return std::nullopt;
}

std::vector<std::string_view> subprotocols(const RequestHead& head) {
  std::vector<std::string_view> out;
  for (const Field& field : head.fields)
    if (iequals(field.name, "sec-websocket-protocol"))
      grammar::for_each_element(field.value, [&](std::string_view element) {
        if (!element.empty()) out.push_back(element);
      });
  return out;
}

std::string_view key_of(const RequestHead& head) {
  for (const std::string_view offered : subprotocols(head))
    if (starts_with(offered, key_subprotocol)) return offered.substr(key_subprotocol.size());
  return {};
}

bool is_credential(std::string_view subprotocol) noexcept {
  return starts_with(subprotocol, key_subprotocol) || starts_with(subprotocol, "openai-organization.") ||
         starts_with(subprotocol, "openai-project.");
}

}  // namespace triage::websocket
