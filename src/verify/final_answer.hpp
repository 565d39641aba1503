#pragma once
// Which part of an answer's text is the answer.

#include "verify/answer_value.hpp"

#include <optional>
#include <string_view>

namespace triage::verify {

/// The last part of `text` that is marked as the answer, alone: in \boxed{}, behind "####" in the last line, behind
/// "answer:" or "answer is" (in several languages). Empty: nothing is.
std::string_view marked_answer(std::string_view text);

struct FinalAnswer {
  AnswerValue value;
  AnswerValue shorter;  ///< without the question's own words, if that makes a difference
};

/// What `text` comes to: what is marked; else all of it, if that is short; else, if the question asks for a quantity,
/// the only number of the last sentence that has any, or what its last "=" gives. Kind none: it cannot be told.
FinalAnswer final_answer(std::string_view text, const Asked& asked);

/// The same for a text that is known to come to a number, whatever else it says: of several numbers, the last.
std::optional<Quantity> final_number(std::string_view text);

/// And to a choice: what is marked, the text's only letter, the last one in parentheses.
std::optional<char> final_choice(std::string_view text);

}  // namespace triage::verify
