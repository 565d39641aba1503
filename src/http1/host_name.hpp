#pragma once
// Names of hosts, as Host and Origin spell them (RFC 9110, 7.2; RFC 6454, 7). Pure; views into the arguments.

#include <string_view>

namespace triage {

/// The host of host[:port]: without port, brackets and the dot that ends an absolute name.
std::string_view bare_host(std::string_view authority) noexcept;

/// Whether a page in a browser cannot have got `host` (bare) to stand for this machine: an IP address, or a name that
/// no public name server has. Those are single words, and what ends in `.localhost` (RFC 6761, 6.3) or `.internal`
/// (reserved by ICANN in 2024 for private use).
bool is_local_host(std::string_view host) noexcept;

/// The host, bare, of the origin of a page of the web: `https://app.example:8443`; empty: it is of another scheme, or
/// of none ("null").
std::string_view web_origin_host(std::string_view origin) noexcept;

}  // namespace triage
