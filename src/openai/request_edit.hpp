#pragma once
// A request's body, changed between the client's own bytes.

#include "triage/request.hpp"

#include <string>
#include <string_view>

namespace triage {

/// `request`'s body with `instruction` as a system message behind its last one (empty: none), and with
/// log-probabilities asked for. Empty if that cannot be: it is no chat request.
std::string edited_request(const ApiRequest& request, std::string_view instruction, bool logprobs);

/// `request`'s body with `text` as a last message of the assistant, which the model is to go on with; the client's own
/// bytes stay as they are. Empty if that cannot be: it is no chat request, or the assistant has the last word already.
std::string prefilled_request(const ApiRequest& request, std::string_view text);

/// `request`'s body, to be answered whole: without `stream` and `stream_options`.
std::string unstreamed_request(const ApiRequest& request);

}  // namespace triage
