#pragma once
// Members of a client's request that every dialect has, read alike.

#include "json/json.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// At most so many unknown members of a request are named.
inline constexpr std::size_t unknown_members_max = 32;

/// The next value; empty, and skipped, if it is no string.
JsonString string_of(JsonReader& in);

/// The next value as it is spelled; empty, and skipped, if it is no number.
std::string_view read_number(JsonReader& in);

/// The next value; nullopt: it is no whole number, or less than `least`.
std::optional<std::int64_t> read_whole(JsonReader& in, std::int64_t least);

/// A member's name as it may stand in a header: its first 64 bytes, with '?' for all but letters, digits, '_', '-' and
/// '.'.
std::string shown_name(const JsonString& name);

}  // namespace triage
