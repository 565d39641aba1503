#pragma once

#include <string>
#include <string_view>

namespace triage {

/// Decodes percent-encoded bytes (RFC 3986, 2.1). A percent sign without two hex digits after it stays unchanged. The
/// result may be any bytes.
std::string percent_decoded(std::string_view text);

/// `text` with each byte as %XX that is neither unreserved (RFC 3986, 2.3) nor one of `kept`.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

}  // namespace triage
