#pragma once
// Text from anywhere as the inside of a JSON string (RFC 8259, 7) that is safe to show: no control characters (C0, DEL,
// C1), so that no terminal and no reader of lines can be told anything by it. Bytes that are not UTF-8 become U+FFFD.

#include <string>
#include <string_view>

namespace triage {

/// Appends `text`, escaped, without quotes around it. `quoted`: quotes are going to be around it, so those in it and
/// backslashes are escaped too.
void append_escaped(std::string& out, std::string_view text, bool quoted = true);

}  // namespace triage
