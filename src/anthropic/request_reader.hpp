#pragma once
// A request of Anthropic's Messages API, checked and read free of its dialect.

#include "triage/blocks.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace triage::anthropic {

struct ReadRequest {
  std::string model;  ///< unescaped
  Span model_value;   ///< the JSON string, quotes included
  BlockRequest blocks;
};

/// Checks all of `body`, which must be followed by body_padding readable bytes, as parse_request_body() does, and reads
/// it. Views point into it. Errors: invalid_json, json_too_deep, missing_parameter (model), invalid_value.
Result<ReadRequest> read_request(std::string_view body, std::uint32_t depth_max);

}  // namespace triage::anthropic
