#pragma once
// A schema in Gemini's own words (google.ai, "Schema", a subset of OpenAPI 3.0) as JSON Schema.

#include "triage/blocks.hpp"

#include <string_view>

namespace triage::gemini {

/// Types in lower case, `nullable` as a type, limits as numbers, properties in `propertyOrdering`. `schema` is an
/// object, followed by body_padding readable bytes; the result is `owner`'s.
std::string_view json_schema_of(std::string_view schema, BlockRequest& owner);

}  // namespace triage::gemini
