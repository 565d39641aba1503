#pragma once
// Serialises the head of a request (RFC 9112, 2 and 3). Pure.

#include "triage/error.hpp"
#include "triage/spec.hpp"
#include "triage/upstream.hpp"

#include <string>

namespace triage::upstream {

/// `host[:port]` as in the Host field: IPv6 in brackets, the scheme's default port left out.
std::string host_field(const Url& url);
/// The same, always with the port, as in a CONNECT target.
std::string authority(const Url& url);

/// Writes the request line, Host, the call's fields and one framing field into `out`, replacing its content. Fields of
/// framing or of one hop are left out, whoever set them. Error: internal_error for a line break or another control
/// character in any line, so that no value can become a field.
Result<void> write_request_head(const HttpCall& call, std::string_view host, std::string& out);

}  // namespace triage::upstream
