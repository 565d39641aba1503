#pragma once
// The parts of tokenizer.json, read. A part that is wrong or not supported leaves a fault, and what is returned is then
// of no use.

#include "tokenize/json_node.hpp"
#include "tokenize/model.hpp"
#include "tokenize/normalizer.hpp"
#include "tokenize/post_processor.hpp"
#include "tokenize/pre_tokenizer.hpp"

#include <optional>
#include <string_view>

namespace triage::tokenize {

/// How deeply sequences may contain sequences.
inline constexpr int nesting_max = 8;

NormalizerPointer read_normalizer(const JsonNode& node, int depth = 0);
PreTokenizerPointer read_pre_tokenizer(const JsonNode& node, int depth = 0);
ModelPointer read_model(const JsonNode& node);
void read_post_processor(const JsonNode& node, PostProcessor& out, int depth = 0);

/// {"String": "..."} or {"Regex": "..."}.
std::optional<Pattern> read_pattern(const JsonNode& node);

/// A value's "type". One that is missing is a fault.
std::string read_type(const JsonNode& node);

/// The fault of a type that is not supported, with those that are.
void refuse_type(const JsonNode& node, std::string_view type, std::string_view supported);

}  // namespace triage::tokenize
