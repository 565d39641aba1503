#pragma once

#include <string>
#include <string_view>

namespace triage {

/// Percent-encoded bytes decoded (RFC 3986, 2.1). A percent sign without two hex digits behind it stays as it is. What
/// comes out may be any bytes.
std::string percent_decoded(std::string_view text);

}  // namespace triage
