#pragma once
// JSON as models write it.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace triage::verify {

/// Parses one value of JSON, tolerating raw line breaks and other control characters in strings, backslashes of LaTeX
/// ("\frac", "\("), and a comma before a closing bracket. nullopt: it is not JSON.
std::optional<nlohmann::json> read_loose_json(std::string_view text);

struct JsonIn {
  nlohmann::json value;
  bool alone = true;  ///< nothing else is there, except a fence and words that announce it
};
/// Finds the JSON object or array in an answer: all of it, in its last fence, or from its first brace to its last.
std::optional<JsonIn> json_in(std::string_view text);

/// What follows the last "answer": or "final_answer": in a text whose JSON cannot be parsed, up to the end of the line
/// or the closing brace; empty: there is none.
std::string_view answer_member_in(std::string_view text);

}  // namespace triage::verify
