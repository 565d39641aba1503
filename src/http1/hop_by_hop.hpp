#pragma once
// Header fields that concern one connection and not the message, and are never passed on (RFC 9110, 7.6.1).

#include "triage/message.hpp"

#include <string_view>
#include <vector>

namespace triage {

/// Connection, Keep-Alive, Proxy-Connection, TE, Trailer, Transfer-Encoding, Upgrade. Switches on the length, because
/// most names then need no comparison.
inline bool is_hop_by_hop(std::string_view name) noexcept {
  switch (name.size()) {
    case 2: return iequals(name, "te");
    case 7: return iequals(name, "trailer") || iequals(name, "upgrade");
    case 10: return iequals(name, "connection") || iequals(name, "keep-alive");
    case 16: return iequals(name, "proxy-connection");
    case 17: return iequals(name, "transfer-encoding");
    default: return false;
  }
}

/// Fields that a sender sets itself, whatever it passes on: hop-by-hop fields, Content-Length, Expect, Host.
inline bool is_of_the_sender(std::string_view name) noexcept {
  switch (name.size()) {
    case 4: return iequals(name, "host");
    case 6: return iequals(name, "expect");
    case 14: return iequals(name, "content-length");
    default: return is_hop_by_hop(name);
  }
}

/// The other fields that the message's Connection fields make hop-by-hop, as spelled there.
std::vector<std::string_view> named_by_connection(const std::vector<Field>& fields);

}  // namespace triage
