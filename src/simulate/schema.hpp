#pragma once
// The smallest JSON value that satisfies a JSON schema (draft 2020-12, the part that OpenAI's structured outputs and
// tools use): type, enum, const, properties, required, items, prefixItems, minItems, anyOf, oneOf, allOf, $ref within
// the schema, minimum, maximum, exclusive*, multipleOf, minLength, maxLength, format. `pattern` and `not` are ignored.

#include <string>
#include <string_view>

namespace triage::simulate {

/// `answer` becomes the value of a property called answer, result or value where its type allows. A schema that cannot
/// be read gives {}.
std::string satisfy_schema(std::string_view schema, std::string_view answer);

}  // namespace triage::simulate
