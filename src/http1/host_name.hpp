#pragma once
// Host names as Host and Origin spell them (RFC 9110, 7.2; RFC 6454, 7). Pure. The results are views into the
// arguments.

#include <string_view>

namespace triage {

/// The host of `host[:port]`, without port, brackets and the dot that ends an absolute name.
std::string_view bare_host(std::string_view authority) noexcept;

/// Whether `host` (bare) cannot be the name of a web page that was made to point to this machine: an IP address, or a
/// name that no public name server resolves, which is a single word or ends in `.localhost` (RFC 6761, 6.3) or
/// `.internal` (reserved by ICANN in 2024 for private use).
bool is_local_host(std::string_view host) noexcept;

/// The bare host of an origin like `https://app.example:8443`; empty if its scheme is not http or https, or it is
/// "null".
std::string_view web_origin_host(std::string_view origin) noexcept;

}  // namespace triage
