#pragma once
// A final answer as parsed: a number, a choice, a list of these, or a short text.

#include "verify/quantity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage::verify {

struct AnswerValue {
  enum class Kind { none, number, choice, list, text };
  Kind kind = Kind::none;
  Quantity number;
  std::string choice;  ///< "B", "yes"
  char bracket = 0;    ///< of a list: '(', '[' or '{', otherwise 0
  std::vector<AnswerValue> items;
  std::string text;     ///< the text as compared; a choice's text: "Paris" of "(B) Paris"
  std::string spelled;  ///< the text as written
  bool exact = false;   ///< the text was in quotes
  char name = 0;        ///< 'x' of "x = 3"
  std::string among;    ///< of a number: the sentence that it was found in, in plain spelling; empty: it stood alone
};

/// What the question asks for, as far as the comparison depends on it.
struct Asked {
  bool quantity = false;  ///< "how many", "calculate"
  bool percent = false;
  std::string words;  ///< its words in lower case, with a space around each
};
Asked read_asked(std::string_view question);

/// Reads `text`, a final answer alone, as written. Kind none: it is empty, or too long to be compared.
AnswerValue read_value(std::string_view text);

/// Reads what `text` says without the question's own words: "Canberra" of "The capital of Australia is Canberra". Kind
/// none: there was nothing to leave out.
AnswerValue read_value_behind_question(std::string_view text, const Asked& asked);

/// unclear: the kinds differ, or the words do and may still mean the same.
Sameness compare(const AnswerValue& a, const AnswerValue& b, const Asked& asked);

}  // namespace triage::verify
