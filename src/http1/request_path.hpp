#pragma once
// Paths that two readers could understand differently. Pure.

#include <string_view>

namespace triage {

/// Why the next server might take `path` for another than it seems to be here, as the rest of a sentence that begins
/// with "the path"; "" if it cannot. Faulted are segments `.`, `..` and empty ones, backslashes, and percent-encoded
/// slashes, backslashes, dots, control characters, percent signs, letters and digits (RFC 3986, 5.2.4, 6.2.2 and 7.3).
std::string_view path_fault(std::string_view path) noexcept;

}  // namespace triage
