#pragma once
// The spellings of single values, and the rules for them. Pure. An error's message says what is wrong, but never shows
// the value, which may be a secret.

#include "triage/error.hpp"
#include "triage/spec.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// At most 3650d, in whole milliseconds: `500ms`, `30s`, `1.5s`, `5m`, `1h`, `7d`.
Result<milliseconds> parse_duration(std::string_view text);
/// At most 1024GiB, in whole bytes: `512B`, `16KiB`, `20MiB`, `1GiB`, and decimal `KB`, `MB`, `GB`.
Result<ByteSize> parse_size(std::string_view text);
/// `host:port`, `127.0.0.1:8080`, `[::1]:8080`. The host is kept without brackets.
Result<Address> parse_address(std::string_view text);
/// `http(s)://host[:port][/path]`, without user, query and fragment. Trailing slashes of the path are dropped.
Result<Url> parse_url(std::string_view text);
/// Decimal digits only, without leading zeros.
Result<std::uint64_t> parse_integer(std::string_view text);
/// A plain decimal number, `0.02`.
Result<double> parse_number(std::string_view text);
/// USD per million tokens, or USD: exact, with at most the decimals that a femto-USD has.
Result<Rate> parse_rate(std::string_view text);
Result<Charge> parse_charge(std::string_view text);
/// Exactly `true` or `false`.
Result<bool> parse_bool(std::string_view text);
/// 64 hex digits.
Result<std::array<std::uint8_t, 32>> parse_sha256(std::string_view text);

/// The shortest spelling that parses to the same value.
std::string format_duration(milliseconds value);
std::string format_size(ByteSize value);
std::string format_address(const Address& value);
std::string format_url(const Url& value);
std::string format_rate(Rate value);
std::string format_charge(Charge value);
std::string format_hex(const std::array<std::uint8_t, 32>& bytes);

/// Whether `host` is localhost, in 127.0.0.0/8 or ::1, so that nobody outside this machine can reach it.
bool is_loopback(std::string_view host) noexcept;

/// Why a text is not allowed, and what to write instead. Without a reason it is allowed.
struct Refusal {
  std::string_view reason = {};
  std::string_view fix = {};
  explicit operator bool() const noexcept { return !reason.empty(); }
};
using Check = Refusal (*)(std::string_view text);

Refusal check_name(std::string_view text);        ///< a name that the config defines; used in headers and metric labels
Refusal check_filled(std::string_view text);      ///< not empty
Refusal check_field_name(std::string_view text);  ///< a header field that a config may set
Refusal check_field_value(std::string_view text);  ///< visible ASCII, with spaces inside
Refusal check_credential(std::string_view text);   ///< visible ASCII, no spaces
Refusal check_origin(std::string_view text);       ///< `*` or scheme://host[:port]
Refusal check_host(std::string_view text);         ///< a host's name or IP address, without port
Refusal check_path_glob(std::string_view text);    ///< starts with '/'
Refusal check_glob(std::string_view text);         ///< printable, not empty
Refusal check_keyword(std::string_view text);  ///< a word or phrase of at most 200 bytes, without spaces at its ends
Refusal check_regex(std::string_view text);    ///< RE2 takes it, and it does not match everything
Refusal check_date(std::string_view text);     ///< YYYY-MM-DD
std::optional<std::chrono::sys_days> parse_date(std::string_view text);  ///< nullopt: not a date

}  // namespace triage
