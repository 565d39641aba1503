#pragma once
// Dates in fields (RFC 9110, 5.6.7). Pure.

#include <chrono>
#include <optional>
#include <string_view>

namespace triage {

/// Parses all three forms that a recipient must accept:
///
///   Sun, 06 Nov 1994 08:49:37 GMT     the one in use
///   Sunday, 06-Nov-94 08:49:37 GMT    RFC 850; a year over 50 years ahead of `now` belongs to the century before
///   Sun Nov  6 08:49:37 1994          asctime()
///
/// The syntax must match exactly, except that the day of the week may be wrong. nullopt: none of these forms, or no
/// such day.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text, std::chrono::sys_seconds now);

}  // namespace triage
