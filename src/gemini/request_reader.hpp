#pragma once
// A request of Gemini's API (models.generateContent), checked and read free of its dialect.

#include "triage/blocks.hpp"
#include "triage/request.hpp"

#include <cstdint>
#include <string_view>

namespace triage::gemini {

struct ReadRequest {
  Span model_value;  ///< the JSON string, quotes included; empty: the body names no model, as is usual
  BlockRequest blocks;
};

/// Checks all of `body`, which must be followed by body_padding readable bytes, and reads it. Views point into it.
/// Which model is asked, and whether for a stream, is in the path. Errors: invalid_json, json_too_deep, invalid_value.
Result<ReadRequest> read_request(std::string_view body, std::uint32_t depth_max);

}  // namespace triage::gemini
