#pragma once
// What holds for a conversation in every dialect, and the ids of calls.

#include "triage/blocks.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// Every call has its result in the turn behind it, and every result its call in the turn before: providers refuse
/// anything else, but for Gemini (RequestField::open_calls). Error: invalid_value that names the id.
std::optional<Error> unpaired(const BlockRequest& request);

/// `id` if it has at most `bytes_max` letters, digits, '_' and '-'; else `prefix` and a hash of it, which is the same
/// in every turn.
std::string call_id(const JsonString& id, std::string_view prefix, std::size_t bytes_max);

/// Whether the request declares a custom tool of this name.
bool is_custom(const BlockRequest& request, std::string_view tool);

/// Whether `text` is a JSON object and nothing else. It must be followed by body_padding readable bytes.
bool is_json_object(std::string_view text);

/// The text of JsonString `text` as a JSON object, for a call's arguments: "" becomes {}, and what is no object becomes
/// one that holds the text. The result is `owned` by the request.
std::string_view arguments_object(const JsonString& text, BlockRequest& request);

/// What the schema of a tool's arguments says where it has to say that it is an object's.
inline constexpr std::string_view open_schema = R"({"type":"object"})";
/// Appends a schema's own bytes, with that added if it is missing; open_schema if there is none. `schema` is empty or a
/// JSON object, followed by body_padding readable bytes.
void append_object_schema(std::string& out, std::string_view schema);

/// Appends what a provider of this form is not told of the request, each name once.
void note_dropped(const BlockRequest& request, WireForm form, std::vector<std::string>& dropped);

}  // namespace triage
