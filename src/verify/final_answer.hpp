#pragma once
// Finds the part of a text that is the final answer.

#include "verify/answer_value.hpp"

#include <optional>
#include <string_view>

namespace triage::verify {

/// The last part of `text` that is marked as the answer, without its marker: in \boxed{}, after "####" in the last
/// line, after "answer:" or "answer is" (in several languages). Empty: none is marked.
std::string_view marked_answer(std::string_view text);

struct FinalAnswer {
  AnswerValue value;
  AnswerValue shorter;  ///< without the question's own words, if that makes a difference
};

/// The final answer of `text`: what is marked; else all of it, if that is short; else, if the question asks for a
/// quantity, the only number of the last sentence that has any, or the result of its last "=". Kind none: it cannot be
/// told, or the text says that there is none. A number that is denied ("It is not 5") is no answer.
FinalAnswer final_answer(std::string_view text, const Asked& asked);

/// The same for a text whose answer is known to be a number: of several numbers, the last. Kind number or none.
AnswerValue final_number(std::string_view text);

/// The same for a choice: what is marked, the text's only letter, the last one in parentheses.
std::optional<char> final_choice(std::string_view text);

}  // namespace triage::verify
