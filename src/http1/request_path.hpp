#pragma once
// Paths that two readers could take for two different ones. Pure.

#include <string_view>

namespace triage {

/// Why `path` could lead elsewhere at the next server than it seems to here, as the rest of a sentence that begins with
/// "the path"; "" if it cannot. Said of segments `.`, `..` and empty ones, backslashes, and percent-encoded slashes,
/// backslashes, dots, control characters, percent signs, letters and digits (RFC 3986, 5.2.4, 6.2.2 and 7.3).
std::string_view path_fault(std::string_view path) noexcept;

}  // namespace triage
