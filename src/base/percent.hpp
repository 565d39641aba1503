#pragma once

#include <string>
#include <string_view>

namespace triage {

/// Decodes percent-encoded bytes (RFC 3986, 2.1). A percent sign without two hex digits after it stays unchanged. The
/// result may be any bytes.
std::string percent_decoded(std::string_view text);

}  // namespace triage
