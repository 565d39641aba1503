#pragma once
// Whether JSON satisfies a schema (JSON Schema, draft 2020-12; the names that older drafts use are known, too).
//
// Known: $ref within the schema (#, #/...), allOf, anyOf, oneOf, not, if/then/else, type, enum, const, properties,
// required, additionalProperties, patternProperties, propertyNames, dependentRequired, dependentSchemas, minProperties,
// maxProperties, prefixItems, items, additionalItems, contains, minContains, maxContains, minItems, maxItems,
// uniqueItems, minLength, maxLength, pattern, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf,
// nullable (OpenAPI). `format` and unknown names are ignored.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::verify {

/// Whether `text` is one value of RFC 8259's grammar, with arrays and objects nested at most 512 deep; with `object`,
/// an object.
bool is_json(std::string_view text, bool object);

/// Where and how `document` does not satisfy `schema`, as a phrase: "/items/0/price is not of type number". It names
/// what the schema names, and quotes nothing of the document. nullopt: it satisfies the schema, or that cannot be told,
/// because the schema is not one, uses what is not supported here (unevaluatedProperties, a $ref to elsewhere, an
/// expression that RE2 does not take), or asks for too much: more than 50,000 steps (5 ms) or 256 levels, a document or
/// schema above 4 MiB.
std::optional<std::string> schema_problem(std::string_view schema, std::string_view document);

/// What a schema contains that schema_problem() does not check: "format", "unevaluatedProperties", a $ref to elsewhere,
/// unknown names. Each once, in alphabetical order, at most eight.
std::vector<std::string> unchecked_keywords(std::string_view schema);

}  // namespace triage::verify
