#pragma once
// Dates in fields (RFC 9110, 5.6.7). Pure.

#include <chrono>
#include <optional>
#include <string_view>

namespace triage {

/// All three forms that a recipient must take:
///
///   Sun, 06 Nov 1994 08:49:37 GMT     the one in use
///   Sunday, 06-Nov-94 08:49:37 GMT    RFC 850; a year over 50 years ahead of `now` belongs to the century before
///   Sun Nov  6 08:49:37 1994          asctime()
///
/// To the letter, but for the day of the week, which may be a wrong one. nullopt: it is none of them, or no such day.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text, std::chrono::sys_seconds now);

}  // namespace triage
