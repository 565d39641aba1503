#pragma once
// A request of OpenAI's Responses API, checked and read free of its dialect.

#include "triage/blocks.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage::responses {

struct ReadRequest {
  std::string model;  ///< unescaped
  Span model_value;   ///< the JSON string, quotes included
  BlockRequest blocks;
  std::optional<Error> unreadable;  ///< why only a provider of the same API can be asked; invalid_value
};

/// Checks all of `body`, which must be followed by body_padding readable bytes, as parse_request_body() does, and reads
/// it. Views point into it. Errors: invalid_json, json_too_deep, missing_parameter (model), invalid_value (model,
/// stream). What the API may know and this does not is no error: it is in `blocks.fields` or in `unreadable`.
Result<ReadRequest> read_request(std::string_view body, std::uint32_t depth_max);

}  // namespace triage::responses
