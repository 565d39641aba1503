#pragma once
// Arbitrary text as the inside of a JSON string (RFC 8259, 7) that is safe to show: it has no control characters (C0,
// DEL, C1), so it cannot steer a terminal or forge a line. Bytes that are not UTF-8 become U+FFFD.

#include <string>
#include <string_view>

namespace triage {

/// Appends `text`, escaped, without quotes around it. With `quoted`, quotes and backslashes in it are escaped too,
/// because the caller puts quotes around it.
void append_escaped(std::string& out, std::string_view text, bool quoted = true);

}  // namespace triage
