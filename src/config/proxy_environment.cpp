#include "config/proxy_environment.hpp"

#include "base/ascii.hpp"
#include "base/percent.hpp"
#include "options/values.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace triage::config {
namespace {

using Bytes = std::array<unsigned char, 16>;

// An IPv4 address as IPv6 has it (::ffff:a.b.c.d).
std::optional<Bytes> bytes_of(const std::string& text) {
  Bytes out{};
  if (inet_pton(AF_INET6, text.c_str(), out.data()) == 1) return out;
  out = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (inet_pton(AF_INET, text.c_str(), out.data() + 12) == 1) return out;
  return std::nullopt;
}

std::optional<unsigned> number_of(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool in_network(const Bytes& address, const std::string& network, unsigned bits) {
  const auto base = bytes_of(network);
  if (!base || bits > 128) return false;
  const unsigned all = network.find(':') == std::string::npos ? bits + 96 : bits;
  if (all > 128) return false;
  for (unsigned bit = 0; bit < all; ++bit)
    if (((address[bit / 8] ^ (*base)[bit / 8]) >> (7 - bit % 8) & 1) != 0) return false;
  return true;
}

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host.ends_with(".localhost") || is_loopback(host);
}

// Cuts the port off host:port or [address]:port.
std::optional<unsigned> take_port(std::string& entry) {
  const std::size_t colon = entry.rfind(':');
  const std::size_t close = entry.starts_with('[') ? entry.rfind(']') : std::string::npos;
  const bool alone = close == std::string::npos && entry.find(':') != colon;  // IPv6 without brackets
  std::optional<unsigned> port;
  if (colon != std::string::npos && !alone && (close == std::string::npos || colon > close))
    port = number_of(std::string_view(entry).substr(colon + 1));
  if (port) entry.resize(colon);
  if (close != std::string::npos && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
  return port;
}

bool names(std::string entry, const Url& url, const std::string& host) {
  if (entry == "*") return true;
  const auto address = bytes_of(host);
  if (const std::size_t slash = entry.find('/'); slash != std::string::npos) {
    const auto bits = number_of(std::string_view(entry).substr(slash + 1));
    return address && bits && in_network(*address, entry.substr(0, slash), *bits);
  }
  if (const auto port = take_port(entry); port && *port != url.port) return false;
  if (address) return bytes_of(entry) == address;
  if (entry.starts_with("*.")) entry.erase(0, 1);
  if (entry.starts_with('.')) entry.erase(0, 1);
  return !entry.empty() && (host == entry || host.ends_with("." + entry));
}

}  // namespace

bool is_excepted(std::string_view list, const Url& url) {
  const std::string host = to_lower(url.host);
  if (is_this_machine(host)) return true;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(", \t"), list.size());
    if (end > 0 && names(to_lower(list.substr(0, end)), url, host)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

EnvironmentProxy proxy_for(const Url& url, const Variables& variables) {
  const auto first = [&](std::initializer_list<const char*> named) {
    for (const char* name : named)
      if (std::string value = variables(name); !value.empty()) return EnvironmentProxy{name, std::move(value)};
    return EnvironmentProxy{};
  };
  if (is_excepted(first({"no_proxy", "NO_PROXY"}).value, url)) return {};
  return url.tls ? first({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
                 : first({"http_proxy", "all_proxy", "ALL_PROXY"});
}

bool use_proxy(Provider& provider, std::string text) {
  if (text.find("://") == std::string::npos) text.insert(0, "http://");
  const std::size_t begin = text.find("://") + 3;
  std::string user;
  std::string password;
  const std::size_t at = text.substr(0, text.find('/', begin)).rfind('@');
  if (at != std::string::npos) {
    const std::string credentials = text.substr(begin, at - begin);
    const std::size_t colon = std::min(credentials.find(':'), credentials.size());
    user = percent_decoded(credentials.substr(0, colon));
    password = percent_decoded(credentials.substr(std::min(colon + 1, credentials.size())));
    text.erase(begin, at + 1 - begin);
  }
  const auto url = parse_url(text);
  if (!url || url->tls || !url->path.empty()) return false;
  provider.proxy = *url;
  provider.proxy_user = user;
  provider.proxy_password = Secret(password);
  return true;
}

void use_environment_proxies(ConfigSpec& spec, const options::Origins& origins, options::Report& report,
                             const Variables& variables) {
  if (!spec.proxy_from_environment) return;
  std::string told;
  for (Provider& provider : spec.providers) {
    if (provider.proxy || provider.base_url.host.empty()) continue;
    const EnvironmentProxy found = proxy_for(provider.base_url, variables);
    if (found.variable.empty() || use_proxy(provider, found.value) || told == found.variable) continue;
    told = found.variable;
    report.error(origins.place({"proxy_from_environment"}),  // without the value, which may hold a password
                 "the environment's " + found.variable + " is no proxy that can be used",
                 "write it as http://[user:password@]host:port");
  }
}

}  // namespace triage::config
