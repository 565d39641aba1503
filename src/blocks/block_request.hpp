#pragma once
// What holds for a conversation in every dialect, and the ids of calls.

#include "triage/blocks.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// Every call has its result in the turn behind it, and every result its call in the turn before: providers refuse
/// anything else. Error: invalid_value that names the id.
std::optional<Error> unpaired(const BlockRequest& request);

/// `id` if it has at most `bytes_max` letters, digits, '_' and '-'; else `prefix` and a hash of it, which is the same
/// in every turn.
std::string call_id(const JsonString& id, std::string_view prefix, std::size_t bytes_max);

/// Whether `text` is a JSON object and nothing else. It must be followed by body_padding readable bytes.
bool is_json_object(std::string_view text);

/// The text of JsonString `text` as a JSON object, for a call's arguments: "" becomes {}, and what is no object becomes
/// one that holds the text. The result is `owned` by the request.
std::string_view arguments_object(const JsonString& text, BlockRequest& request);

}  // namespace triage
