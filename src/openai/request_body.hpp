#pragma once
// Checks all of a client's request body and changes nothing in it.

#include "triage/error.hpp"
#include "triage/request.hpp"

#include <cstdint>
#include <string_view>

namespace triage {

class JsonReader;

/// Checks `body`, which must be followed by body_padding readable bytes, and locates what the gateway reads or changes.
/// It must be an object of RFC 8259's grammar and nothing after it, in valid UTF-8, with no duplicate name in an object
/// (compared unescaped) and with arrays and objects nested at most `depth_max` deep. Numbers of any size and escapes of
/// lone surrogates pass: they are JSON, and the provider's to judge. A byte order mark does not pass (RFC 8259, 8.1).
/// The result's `body` is the argument. Only the model's name and names with escapes are copied.
/// Errors: invalid_json and json_too_deep with the byte offset; missing_parameter (param "model"); invalid_value with
/// the param of `model` (a non-empty string), `stream` (boolean or null), `stream_options` (object or null) or
/// `stream_options.include_usage` (boolean or null).
Result<ApiRequest> parse_request_body(Api api, std::string_view body, std::uint32_t depth_max);

/// What `in`, which has failed, found wrong with a body. Errors: invalid_json, json_too_deep.
Error json_error(const JsonReader& in, std::uint32_t depth_max);

}  // namespace triage
