#pragma once
// JSON as models write it.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace triage::verify {

/// One value of JSON, in which strings may hold raw line breaks and other control characters, and backslashes of LaTeX
/// ("\frac", "\("), and a comma may stand before a closing bracket. nullopt: it is none.
std::optional<nlohmann::json> read_loose_json(std::string_view text);

struct JsonIn {
  nlohmann::json value;
  bool alone = true;  ///< nothing stands beside it, but a fence and words that announce it
};
/// The JSON object or array in an answer: all of it, in its last fence, or from its first brace to its last.
std::optional<JsonIn> json_in(std::string_view text);

/// What stands behind the last "answer": or "final_answer": of a text whose JSON cannot be read, up to its line's end
/// or the closing brace; empty: there is none.
std::string_view answer_member_in(std::string_view text);

}  // namespace triage::verify
