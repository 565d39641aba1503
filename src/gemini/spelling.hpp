#pragma once
// How Gemini's API spells members and bytes. It is proto3 JSON (protobuf.dev, "ProtoJSON Format"): a member may be in
// camelCase or in snake_case, a number in quotes, and base64 in either alphabet. Google's own SDK mixes all of them.

#include "json/json.hpp"
#include "triage/blocks.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace triage::gemini {

/// Whether a member is called `name`, which is in camelCase.
bool is_called(const JsonString& member, std::string_view name);

/// Base64 in the standard alphabet, with its padding. `owner` keeps what had to be changed.
JsonString standard_base64(const JsonString& text, BlockRequest& owner);

/// The next value as it is spelled, without quotes, and 40.0 as 40; empty, and skipped, if it is no number.
std::string_view read_number(JsonReader& in);
/// The next value; nullopt: it is no whole number.
std::optional<std::int64_t> read_whole(JsonReader& in);

}  // namespace triage::gemini
