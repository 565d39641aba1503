#pragma once
// What there is to say about one key of the configuration, and how single values are written.

#include "options/values.hpp"
#include "triage/boxed.hpp"
#include "triage/part_file.hpp"
#include "triage/spec.hpp"

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::options {

inline constexpr std::int64_t kib = 1024;
inline constexpr std::int64_t mib = 1024 * kib;
inline constexpr std::int64_t gib = 1024 * mib;
inline constexpr std::int64_t million = 1'000'000;

struct Key {
  std::string_view name;
  std::string_view formerly = {};       ///< an old name, still read with a warning
  std::string_view text;                ///< what it means, in one sentence without a full stop
  std::string_view shown_default = {};  ///< for the documentation, where the member's own value does not say
  std::int64_t least = 0;               ///< bounds of a number, in its smallest unit
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  bool required = false;
  bool lone = false;          ///< a list of one item may be written as that item
  bool counted = false;       ///< triage_limit_hits_total{limit="NAME"} counts how often the bound was hit
  Check check = nullptr;      ///< of a text, each text of a list, or each value of a map
  Check check_key = nullptr;  ///< of each key of a map
  std::vector<std::string_view> (*words)() = nullptr;  ///< of a text: a closed list that other code defines
  std::string_view entry = "name";                     ///< what the keys of a map are called
};

/// How one type of value is written. `hint` completes "write it as".
template <class T>
struct Scalar;

struct Bounded {
  static constexpr bool bounded = true;
};
struct Unbounded {
  static constexpr bool bounded = false;
};

template <>
struct Scalar<bool> : Unbounded {
  static constexpr std::string_view type = "true or false";
  static constexpr std::string_view hint = "true or false";
  static constexpr std::string_view pattern = "^(true|false)$";
  static auto parse(std::string_view text) { return parse_bool(text); }
  static std::string format(bool value) { return value ? "true" : "false"; }
};

template <class T>
struct WholeNumber : Bounded {
  static constexpr std::string_view type = "number";
  static constexpr std::string_view hint = "a whole number in decimal digits";
  static constexpr std::string_view pattern = "^(0|[1-9][0-9]*)$";
  static Result<T> parse(std::string_view text) {
    const auto value = parse_integer(text);
    if (!value) return value.error();
    if (!std::in_range<T>(*value)) return Error{ErrorCode::invalid_value, "it is too large"};
    return static_cast<T>(*value);
  }
  static std::string format(T value) { return std::to_string(value); }
  static std::int64_t magnitude(T value) { return static_cast<std::int64_t>(value); }
  static std::string format_magnitude(std::int64_t value) { return std::to_string(value); }
};
template <>
struct Scalar<std::uint32_t> : WholeNumber<std::uint32_t> {};
template <>
struct Scalar<std::int64_t> : WholeNumber<std::int64_t> {};

template <>
struct Scalar<double> : Bounded {
  static constexpr std::string_view type = "decimal number";
  static constexpr std::string_view hint = "a decimal number, as in 0.15";
  static constexpr std::string_view pattern = "^-?[0-9]+(\\.[0-9]*)?$";
  static auto parse(std::string_view text) { return parse_number(text); }
  static std::string format(double value);
  /// Rounded away from zero, so that integer bounds hold exactly.
  static std::int64_t magnitude(double value);
  static std::string format_magnitude(std::int64_t value) { return std::to_string(value); }
};

/// Money in femto-USD.
struct Money : Bounded {
  static constexpr std::string_view type = "decimal number";
  static constexpr std::string_view hint = "a decimal number, as in 0.15";
  static constexpr std::string_view pattern = "^-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?$";
};

template <>
struct Scalar<Rate> : Money {
  static auto parse(std::string_view text) { return parse_rate(text); }
  static std::string format(Rate value) { return format_rate(value); }
  static std::int64_t magnitude(Rate value) { return value.femto_usd; }
  static std::string format_magnitude(std::int64_t value) { return format_rate(Rate{value}); }
};

template <>
struct Scalar<Charge> : Money {
  static auto parse(std::string_view text) { return parse_charge(text); }
  static std::string format(Charge value) { return format_charge(value); }
  static std::int64_t magnitude(Charge value) { return value.femto_usd; }
  static std::string format_magnitude(std::int64_t value) { return format_charge(Charge{value}); }
};

template <>
struct Scalar<milliseconds> : Bounded {
  static constexpr std::string_view type = "duration";
  static constexpr std::string_view hint = "a number and a unit: 500ms, 30s, 5m, 1h or 7d";
  static constexpr std::string_view pattern = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$";
  static auto parse(std::string_view text) { return parse_duration(text); }
  static std::string format(milliseconds value) { return format_duration(value); }
  static std::int64_t magnitude(milliseconds value) { return value.count(); }
  static std::string format_magnitude(std::int64_t value) { return format_duration(milliseconds(value)); }
};

template <>
struct Scalar<ByteSize> : Bounded {
  static constexpr std::string_view type = "size";
  static constexpr std::string_view hint = "a number and a unit: 512B, 16KiB, 20MiB or 1GiB";
  static constexpr std::string_view pattern = "^[0-9]+(\\.[0-9]+)?(B|KB|MB|GB|KiB|MiB|GiB)$";
  static auto parse(std::string_view text) { return parse_size(text); }
  static std::string format(ByteSize value) { return format_size(value); }
  static std::int64_t magnitude(ByteSize value) { return static_cast<std::int64_t>(value.bytes); }
  static std::string format_magnitude(std::int64_t value) {
    return format_size(ByteSize{static_cast<std::uint64_t>(value)});
  }
};

template <>
struct Scalar<Address> : Unbounded {
  static constexpr std::string_view type = "host:port";
  static constexpr std::string_view hint = "host:port, as in 127.0.0.1:8080 or [::1]:8080";
  static constexpr std::string_view pattern = "^(\\[[0-9A-Fa-f:.]+\\]|[^:\\[\\]/]+):[0-9]{1,5}$";
  static auto parse(std::string_view text) { return parse_address(text); }
  static std::string format(const Address& value) { return format_address(value); }
};

template <>
struct Scalar<Url> : Unbounded {
  static constexpr std::string_view type = "URL";
  static constexpr std::string_view hint = "http(s)://host[:port][/path], as in https://api.openai.com/v1";
  static constexpr std::string_view pattern = "^https?://[^/?#@\\s]+(/[^?#\\s]*)?$";
  static auto parse(std::string_view text) { return parse_url(text); }
  static std::string format(const Url& value) { return value.host.empty() ? "" : format_url(value); }
};

template <>
struct Scalar<std::string> : Unbounded {
  static constexpr std::string_view type = "text";
  static constexpr std::string_view hint = "a text";
  static constexpr std::string_view pattern = "";
  static Result<std::string> parse(std::string_view text) { return std::string(text); }
  static std::string format(const std::string& value) { return value; }
};

template <>
struct Scalar<Secret> : Unbounded {
  static constexpr std::string_view type = "secret";
  static constexpr std::string_view hint = "${NAME} to read an environment variable, ${file:/run/secrets/name} a file";
  static constexpr std::string_view pattern = "";
  static Result<Secret> parse(std::string_view text) { return Secret(std::string(text)); }
  static std::string format(const Secret& value) { return value.empty() ? "" : "***"; }
};

template <>
struct Scalar<PartFile> : Unbounded {
  static constexpr std::string_view type = "file";
  static constexpr std::string_view hint = "a path, relative to the folder of this file";
  static constexpr std::string_view pattern = "";
  static Result<PartFile> parse(std::string_view text) { return PartFile{std::string(text), std::string(text), {}}; }
  static std::string format(const PartFile& value) { return value.written; }
};

using Sha256 = std::array<std::uint8_t, 32>;
template <>
struct Scalar<Sha256> : Unbounded {
  static constexpr std::string_view type = "64 hex digits";
  static constexpr std::string_view hint = "the 64 hex digits that 'triage key new' prints";
  static constexpr std::string_view pattern = "^[0-9a-fA-F]{64}$";
  static auto parse(std::string_view text) { return parse_sha256(text); }
  static std::string format(const Sha256& value) { return format_hex(value); }
};

template <Worded E>
struct Scalar<E> : Unbounded {
  static constexpr std::string_view type = "word";
  static constexpr std::string_view hint = "one word";
  static constexpr std::string_view pattern = "";
  static std::string format(E value) { return std::string(word(value)); }
};

template <class T>
concept IsScalar = requires {
  Scalar<T>::type;
};

/// Texts that no message may show, whatever is wrong with them: a URL may contain a password, and what is written in
/// place of a hash may be the key itself.
template <class T>
bool is_hidden(std::string_view text) {
  if constexpr (std::same_as<T, Url>) return text.find_first_of("@?") != std::string_view::npos;
  return std::same_as<T, Secret> || std::same_as<T, Sha256>;
}

template <class T>
struct ListOf {
  static constexpr bool value = false;
};
template <class T>
struct ListOf<std::vector<T>> {
  static constexpr bool value = true;
  using Item = T;
};
template <class T>
struct PairOf {
  static constexpr bool value = false;
};
template <class T>
struct PairOf<std::pair<std::string, T>> {
  static constexpr bool value = true;
  using Value = T;
};

template <class T>
struct OptionalOf {
  static constexpr bool value = false;
};
template <class T>
struct OptionalOf<std::optional<T>> {
  static constexpr bool value = true;
  using Value = T;
};
template <class T>
struct OptionalOf<Boxed<T>> {
  static constexpr bool value = true;
  using Value = T;
};

}  // namespace triage::options
