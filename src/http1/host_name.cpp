#include "http1/host_name.hpp"

#include "base/ascii.hpp"
#include "http1/field_grammar.hpp"
#include "triage/message.hpp"

#include <algorithm>

namespace triage {
namespace {

// Browsers take a host whose last label is a number for an IPv4 address (WHATWG URL, 3.5): "127.1", "2130706433".
bool is_ip_address(std::string_view host) noexcept {
  if (host.find(':') != std::string_view::npos) return true;
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return !last.empty() && std::ranges::all_of(last, is_digit);
}

bool ends_in(std::string_view host, std::string_view domain) noexcept {
  return host.size() > domain.size() && iequals(host.substr(host.size() - domain.size()), domain);
}

}  // namespace

std::string_view bare_host(std::string_view authority) noexcept {
  if (const auto port = grammar::port_of(authority)) authority.remove_suffix(port->size() + 1);
  if (authority.starts_with('[') && authority.ends_with(']')) return authority.substr(1, authority.size() - 2);
  if (authority.ends_with('.')) authority.remove_suffix(1);
  return authority;
}

bool is_local_host(std::string_view host) noexcept {
  return is_ip_address(host) || host.find('.') == std::string_view::npos || ends_in(host, ".localhost") ||
         ends_in(host, ".internal");
}

std::string_view web_origin_host(std::string_view origin) noexcept {
  for (const std::string_view scheme : {"http://", "https://"})
    if (origin.size() > scheme.size() && iequals(origin.substr(0, scheme.size()), scheme))
      return bare_host(origin.substr(scheme.size()));
  return "";
}

}  // namespace triage
