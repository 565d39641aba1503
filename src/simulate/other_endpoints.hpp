#pragma once
// Bodies of the endpoints that a gateway only passes on, enough for an SDK to read them and a test to compare bytes.

#include "simulate/delivery.hpp"

#include "triage/message.hpp"

#include <string>
#include <string_view>

namespace triage::simulate {

/// Answers `resource` (the path after /v1/) to a request with this whole body. 404 for what is not simulated.
Body other_endpoint(const RequestHead& head, std::string_view resource, std::string_view body);

/// {"method","target","fields":[[name, value]...],"body_bytes"}: what the provider saw. Bytes that are not ASCII come
/// as the code points of the same number.
std::string head_text(const RequestHead& head, std::size_t body_bytes);

/// OpenAI's file object for a multipart upload: size and name of its file part, `purpose` as sent.
std::string file_text(const RequestHead& head, std::string_view body);

}  // namespace triage::simulate
