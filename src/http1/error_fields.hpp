#pragma once
// The fields that go with an error of the gateway's own, whoever replies with it.

#include "triage/error.hpp"
#include "triage/message.hpp"

#include <string>
#include <string_view>

namespace triage {

/// Adds the field unless there is one of that name.
void set_default(ResponseHead& head, std::string_view name, std::string_view value);

/// Adds to the head of an error's reply, whose status is set, what is not there yet: content-type (JSON); retry-after,
/// as the error says, else a second where it is worth coming back soon (429, 503); allow; www-authenticate for want of
/// a key. `storage` holds what the fields view and must outlive `head`; `error` must, too.
void add_error_fields(ResponseHead& head, const Error& error, std::string& storage);

}  // namespace triage
