#pragma once
// Changes a request's body by inserting into the client's own bytes, or leaving some out.

#include "triage/request.hpp"

#include <span>
#include <string>
#include <string_view>

namespace triage {

/// `body`, a checked object, without its members of those `names`.
std::string without_members(std::string_view body, std::span<const std::string_view> names);

/// `request`'s body with `instruction` as a system message after its last one (empty: none), and asking for
/// log-probabilities if `logprobs` is set. Empty if that is impossible, because it is not a chat request.
std::string edited_request(const ApiRequest& request, std::string_view instruction, bool logprobs);

/// `request`'s body with `text` as a final assistant message, which the model is to continue; the client's own bytes
/// stay as they are. Empty if that is impossible: it is not a chat request, or its last message is the assistant's
/// already.
std::string prefilled_request(const ApiRequest& request, std::string_view text);

/// `request`'s body without `stream` and `stream_options`, so that the answer comes whole.
std::string unstreamed_request(const ApiRequest& request);

}  // namespace triage
