#pragma once
// What a response repeats of its request.

#include <string>
#include <string_view>
#include <vector>

namespace triage::responses {

/// The members of a response that say what was asked, with this API's defaults for what was not, as JSON text without
/// braces and on one line. `body` is a valid request, followed by body_padding readable bytes.
std::string echo_of(std::string_view body);

/// The namespaces of its tools, as spelled in JSON.
std::vector<std::string> namespaces_of(std::string_view body);

}  // namespace triage::responses
