#pragma once
// The header fields of a response with one of the gateway's own errors.

#include "triage/error.hpp"
#include "triage/message.hpp"

#include <string>
#include <string_view>

namespace triage {

/// Adds the field unless `head` has one of that name.
void set_default(ResponseHead& head, std::string_view name, std::string_view value);

/// Adds what is missing to the head of an error response whose status is set: content-type (JSON); retry-after, as the
/// error says, else one second where coming back soon is worthwhile (429, 503); allow; www-authenticate if a key is
/// missing. The fields' views point into `storage` and `error`, which must both outlive `head`.
void add_error_fields(ResponseHead& head, const Error& error, std::string& storage);

}  // namespace triage
