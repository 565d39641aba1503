#pragma once
// What the demo asks of its own gateway: one call, one connection, waited for.

#include "triage/spec.hpp"

#include <string>
#include <string_view>

namespace triage {

/// POSTs the JSON text `body`. The whole answer, head and body; empty if there was none within ten seconds.
std::string demo_post(const Address& gateway, std::string_view path, std::string_view body);

/// The value of a field of such an answer's head, `name` in lower case; "-" without one.
std::string demo_field(const std::string& answer, const std::string& name);

}  // namespace triage
