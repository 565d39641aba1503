#pragma once
// Serialises the head of a request (RFC 9112, 2 and 3). Pure.

#include "triage/error.hpp"
#include "triage/spec.hpp"
#include "triage/upstream.hpp"

#include <string>

namespace triage::upstream {

/// `host[:port]` as it stands in the Host field and in a CONNECT target: IPv6 in brackets, the scheme's own port left
/// out.
std::string host_field(const Url& url);
/// The same, with the port always.
std::string authority(const Url& url);

/// Writes request line, Host, the call's fields and one framing field into `out`, replacing what it held. Fields that
/// frame or belong to one hop are left out, whoever put them there. Error: internal_error for a line break or another
/// control character in what would become a line, so that no value can become a field.
Result<void> write_request_head(const HttpCall& call, std::string_view host, std::string& out);

}  // namespace triage::upstream
