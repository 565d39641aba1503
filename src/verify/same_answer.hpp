#pragma once
// Whether two answers come to the same.

#include "triage/completion.hpp"
#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// What two answers are compared as.
enum class CompareAs : std::uint8_t { automatic, number, choice, json, text };
template <>
inline constexpr std::array<std::string_view, 5> words<CompareAs>{"auto", "number", "choice", "json", "text"};

}  // namespace triage

namespace triage::verify {

/// The number that a text comes to: behind the last "####", in the last \boxed{}, behind the last "answer is" or
/// "answer:", else the last one of all. Commas between thousands, a currency sign and a fraction (3/4) are read.
std::optional<double> final_number(std::string_view text);

/// The letter A..J that a text chooses: behind the last "answer is" or "answer:", else the text's only word, else the
/// last letter in parentheses.
std::optional<char> final_choice(std::string_view text);

/// The JSON object or array in a text: all of it, in a fence of back-quotes, or from its first bracket to its last.
/// Empty: there is none.
std::string_view json_in(std::string_view text);

/// Lower case, words and numbers alone, without articles of English.
std::string normalised(std::string_view text);

/// As what they are compared:
///   number, choice   both have one, the same
///   json             both have one. Of objects that have a member `answer` or `final_answer`, only that; of the
///                    others all but texts of more than eight words, which explain. Texts as normalised, or as numbers
///   text             as normalised
///   auto             what both have: json; a number or choice that is marked as the answer; a number in the last 160
///                    bytes; a choice; else text
/// Answers that call tools are the same if they call the same ones in the same order, with equal JSON.
bool same_answer(const Completion& a, const Completion& b, CompareAs compare);

}  // namespace triage::verify
