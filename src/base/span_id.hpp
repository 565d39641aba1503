#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

/// 16 lower-case hex digits.
std::string hex_of(std::uint64_t number);

/// The id of a request's span (attempt 0), or of its attempts, counted from 1, in W3C's trace context: 16 hex digits
/// that follow from the request's id, never all zero.
std::string span_id(std::string_view request_id, std::size_t attempt);

}  // namespace triage
