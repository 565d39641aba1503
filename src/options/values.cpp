// duration = number unit      unit = ms | s | m | h | d
// size     = number unit      unit = B | KB | MB | GB | KiB | MiB | GiB
// number   = digits [ "." digits ]; number * unit must be whole (ms, bytes)
// address  = host ":" port    host = name | IPv4 | "[" IPv6 "]"
// url      = ("http" | "https") "://" host [ ":" port ] [ path ]
// rate, charge = digits [ "." digits ] [ exponent ]: base/decimal.hpp
#include "options/values.hpp"

#include "base/ascii.hpp"
#include "base/decimal.hpp"
#include "http1/hop_by_hop.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>
#include <optional>
#include <span>

namespace triage {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 5> durations{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::uint64_t duration_max_ms = 3'650ULL * 86'400'000;

constexpr std::array<Unit, 7> sizes{{{"GiB", 1ULL << 30},
                                     {"GB", 1'000'000'000},
                                     {"MiB", 1ULL << 20},
                                     {"MB", 1'000'000},
                                     {"KiB", 1ULL << 10},
                                     {"KB", 1'000},
                                     {"B", 1}}};
constexpr std::uint64_t size_max_bytes = 1024ULL << 30;

constexpr int rate_places = 9;     // USD per million tokens -> femto-USD per token
constexpr int charge_places = 15;  // USD -> femto-USD

Error refuse(std::string reason) {
  return Error{ErrorCode::invalid_value, std::move(reason)};
}

bool is_visible(char c) noexcept {
  return c > 0x20 && c < 0x7f;
}

// A number with a unit, in the smallest unit. `what` is "duration" or "size".
Result<std::uint64_t> parse_quantity(std::string_view text, std::span<const Unit> units, std::uint64_t max,
                                     const std::string& what) {
  std::size_t end = 0;
  while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
  const std::string_view number = text.substr(0, end);
  const std::string_view unit_name = text.substr(end);
  const std::size_t point = std::min(number.find('.'), number.size());
  const std::string_view whole = number.substr(0, point);
  const std::string_view fraction = point < number.size() ? number.substr(point + 1) : std::string_view();
  if (whole.empty()) return refuse("a " + what + " starts with a number");
  if (point < number.size() && (fraction.empty() || fraction.find('.') != std::string_view::npos))
    return refuse("its number is malformed");
  if (unit_name.empty()) return refuse("it has no unit");
  const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit_name; });
  if (unit == units.end()) return refuse("its unit is not known");
  if (whole.size() > 15 || fraction.size() > 9) return refuse("its number has too many digits");

  std::uint64_t value = 0;
  std::from_chars(whole.data(), whole.data() + whole.size(), value);
  if (value > max / unit->factor) return refuse("it is too large");
  value *= unit->factor;
  std::uint64_t numerator = 0;
  std::uint64_t denominator = 1;
  for (const char digit : fraction) {
    numerator = numerator * 10 + static_cast<std::uint64_t>(digit - '0');
    denominator *= 10;
  }
  // < 10^9 * 2^30: fits in 64 bits
  if (numerator * unit->factor % denominator != 0) return refuse("it is finer than the smallest unit");
  value += numerator * unit->factor / denominator;
  if (value > max) return refuse("it is too large");
  return value;
}

std::string format_quantity(std::uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units)
    if (value % unit.factor == 0 && (value > 0 || unit.name == "s" || unit.name == "B"))
      return std::to_string(value / unit.factor).append(unit.name);
  return {};
}

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// Why `host` (without brackets) is neither a name nor an IPv4 address; "" if it is one.
std::string_view refuse_host(std::string_view host) {
  if (host.empty()) return "it has no host";
  if (host.size() > 253) return "its host is longer than 253 characters";
  const bool numeric = std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
  if (numeric) return is_ipv4(std::string(host)) ? "" : "its host is no IPv4 address";
  for (const char c : host)
    if (!is_alphanumeric(c) && c != '.' && c != '-' && c != '_')
      return "its host has a character that host names do not have";
  return "";
}

struct Authority {
  std::string host;
  std::optional<std::uint16_t> port;
};

Result<Authority> parse_authority(std::string_view text) {
  Authority out;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return refuse("its '[' is never closed");
    out.host = text.substr(1, close - 1);
    if (!is_ipv6(out.host)) return refuse("between '[' and ']' there is no IPv6 address");
    rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return refuse("after ']' only a port can follow");
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (text.find(':', colon + 1) != std::string_view::npos)
      return refuse("it has more than one ':'; an IPv6 address stands in '[' and ']'");
    out.host = text.substr(0, colon);
    rest = text.substr(colon);
    if (const auto reason = refuse_host(out.host); !reason.empty()) return refuse(std::string(reason));
  }
  if (rest.empty()) return out;
  rest.remove_prefix(1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
  if (rest.empty() || error != std::errc() || end != rest.data() + rest.size() || !is_digit(rest.front()))
    return refuse("its port is no number from 0 to 65535");
  out.port = port;
  return out;
}

std::string host_in_url(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  const auto value = parse_quantity(text, durations, duration_max_ms, "duration");
  if (!value) return value.error();
  return milliseconds(static_cast<milliseconds::rep>(*value));
}

Result<ByteSize> parse_size(std::string_view text) {
  const auto value = parse_quantity(text, sizes, size_max_bytes, "size");
  if (!value) return value.error();
  return ByteSize{*value};
}

Result<Address> parse_address(std::string_view text) {
  if (text.empty()) return refuse("it is empty");
  if (text.find("://") != std::string_view::npos) return refuse("it is a URL");
  if (std::all_of(text.begin(), text.end(), is_digit)) return refuse("it has no host");
  auto authority = parse_authority(text);
  if (!authority) return authority.error();
  if (!authority->port) return refuse("it has no port");
  return Address{std::move(authority->host), *authority->port};
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  if (text.starts_with("https://"))
    url.tls = true;
  else if (!text.starts_with("http://"))
    return refuse("it does not start with http:// or https://");
  url.port = url.tls ? 443 : 80;
  text.remove_prefix(url.tls ? 8 : 7);
  if (!std::all_of(text.begin(), text.end(), is_visible)) return refuse("it has a blank or a non-ASCII character");
  if (text.find('#') != std::string_view::npos) return refuse("it has a fragment");
  if (text.find('?') != std::string_view::npos) return refuse("it has a query");
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view host = text.substr(0, slash);
  if (host.find('@') != std::string_view::npos) return refuse("it has a user or a password");
  auto authority = parse_authority(host);
  if (!authority) return authority.error();
  if (authority->port == 0) return refuse("its port is 0");
  url.host = std::move(authority->host);
  url.port = authority->port.value_or(url.port);
  url.path = text.substr(slash);
  while (url.path.ends_with('/')) url.path.pop_back();
  return url;
}

Result<std::uint64_t> parse_integer(std::string_view text) {
  std::uint64_t value = 0;
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return refuse("it is no whole number");
  if (text.size() > 1 && text.front() == '0') return refuse("it has leading zeros");
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc())
    return refuse("it is too large");
  return value;
}

Result<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (text.empty() || !is_digit(text.front() == '-' && text.size() > 1 ? text[1] : text.front()) ||
      end != text.data() + text.size())
    return refuse("it is no number");
  if (error != std::errc()) return refuse("it is too large");
  return value;
}

Result<Rate> parse_rate(std::string_view text) {
  const auto parsed = parse_decimal(text, rate_places);
  if (!parsed) return parsed.error();
  if (!parsed->exact) return refuse("it has more than 9 decimal places");
  return Rate{parsed->units};
}

Result<Charge> parse_charge(std::string_view text) {
  const auto parsed = parse_decimal(text, charge_places);
  if (!parsed) return parsed.error();
  if (!parsed->exact) return refuse("it has more than 15 decimal places");
  return Charge{parsed->units};
}

Result<bool> parse_bool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return refuse("it is neither true nor false");
}

Result<std::array<std::uint8_t, 32>> parse_sha256(std::string_view text) {
  std::array<std::uint8_t, 32> bytes{};
  if (text.starts_with("tk_")) return refuse("it is the key itself, not its hash");
  if (text.size() != 64) return refuse("it has " + std::to_string(text.size()) + " characters");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto [end, error] = std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, bytes[i], 16);
    if (error != std::errc() || end != text.data() + 2 * i + 2)
      return refuse("it has a character that is no hex digit");
  }
  return bytes;
}

std::string format_duration(milliseconds value) {
  return format_quantity(static_cast<std::uint64_t>(value.count()), durations);
}

std::string format_size(ByteSize value) {
  return format_quantity(value.bytes, sizes);
}

std::string format_address(const Address& value) {
  return host_in_url(value.host) + ":" + std::to_string(value.port);
}

std::string format_url(const Url& value) {
  std::string out = (value.tls ? "https://" : "http://") + host_in_url(value.host);
  if (value.port != (value.tls ? 443 : 80)) out += ":" + std::to_string(value.port);
  return out + value.path;
}

std::string format_rate(Rate value) {
  return format_decimal(value.femto_usd, rate_places);
}

std::string format_charge(Charge value) {
  return format_decimal(value.femto_usd, charge_places);
}

std::string format_hex(const std::array<std::uint8_t, 32>& bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

bool is_loopback(std::string_view host) noexcept {
  if (host == "localhost" || host == "::1") return true;
  return host.starts_with("127.") &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
}

Refusal check_name(std::string_view text) {
  constexpr std::string_view fix = "start with a letter or digit; then letters, digits and . _ - : / @ +";
  constexpr std::string_view marks = "._-:/@+";
  if (text.empty()) return {"it is empty", fix};
  if (text.size() > 100) return {"it is longer than 100 characters", "names travel in headers and metrics: shorten it"};
  if (!is_alphanumeric(text.front())) return {"it does not start with a letter or digit", fix};
  for (const char c : text)
    if (!is_alphanumeric(c) && marks.find(c) == std::string_view::npos)
      return {"it has a character that names do not have", fix};
  return {};
}

Refusal check_filled(std::string_view text) {
  if (text.empty()) return {"it is empty", "give it a value or remove the key"};
  return {};
}

Refusal check_field_value(std::string_view text) {
  if (text.empty()) return check_filled(text);
  constexpr std::string_view fix = "visible ASCII only, with blanks between words";
  if (text.front() == ' ' || text.back() == ' ') return {"it starts or ends with a blank", fix};
  for (const char c : text)
    if (!is_visible(c) && c != ' ') return {"it has a character that no HTTP header can carry", fix};
  return {};
}

Refusal check_credential(std::string_view text) {
  if (text.empty()) return check_filled(text);
  for (const char c : text)
    if (!is_visible(c)) return {"it has a blank, a line break or a non-ASCII character", "one word of visible ASCII"};
  return {};
}

Refusal check_field_name(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  if (text.empty()) return {"it is empty", "a header name, as in x-team"};
  for (const char c : text)
    if (!is_alphanumeric(c) && marks.find(c) == std::string_view::npos)
      return {"it has a character that header names do not have", "letters, digits and -, as in x-team"};
  if (is_of_the_sender(text) || iequals(text, "proxy-authorization"))
    return {"the gateway sets that header itself", "remove it"};
  return {};
}

Refusal check_origin(std::string_view text) {
  constexpr std::string_view fix = "write it as a browser sends it: https://app.example.com, or '*' for all";
  if (text == "*") return {};
  if (!text.starts_with("http://") && !text.starts_with("https://"))
    return {"it does not start with http:// or https://", fix};
  const auto url = parse_url(text);
  if (!url) return {"it is no origin", fix};
  if (!url->path.empty() || text.ends_with('/')) return {"it has a path", fix};
  return {};
}

Refusal check_glob(std::string_view text) {
  constexpr std::string_view fix = "a name in which * stands for any text, as in gpt-*";
  if (text.empty()) return {"it is empty", fix};
  if (text.size() > 256) return {"it is longer than 256 characters", fix};
  for (const char c : text)
    if (!is_visible(c)) return {"it has a blank or a non-ASCII character", fix};
  return {};
}

Refusal check_path_glob(std::string_view text) {
  constexpr std::string_view fix = "a path in which * stands for any text, as in /v1/images/*";
  if (!text.starts_with('/')) return {"it does not start with '/'", fix};
  if (const Refusal refusal = check_glob(text)) return {refusal.reason, fix};
  return {};
}

}  // namespace triage
