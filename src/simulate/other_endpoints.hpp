#pragma once
// Bodies for the endpoints that a gateway only passes through: enough for an SDK to read and a test to compare bytes.

#include "simulate/delivery.hpp"

#include "triage/message.hpp"

#include <string>
#include <string_view>

namespace triage::simulate {

/// Answers a request with this body for `resource` (the path after /v1/). 404 for what is not simulated.
Body other_endpoint(const RequestHead& head, std::string_view resource, std::string_view body);

/// {"method","target","fields":[[name, value]...],"body_bytes"}: what the provider saw. Bytes beyond ASCII become the
/// code points of the same number.
std::string head_text(const RequestHead& head, std::size_t body_bytes);

/// OpenAI's file object for a multipart upload: size and name of its file part, `purpose` as sent.
std::string file_text(const RequestHead& head, std::string_view body);

}  // namespace triage::simulate
