#pragma once
// A final answer as it is read: a number, a choice, a list of such, or a short text.

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
  char bracket = 0;    ///< of a list: '(', '[', '{', or 0
  std::vector<AnswerValue> items;
  std::string text;     ///< a text; a choice's text: "Paris" of "(B) Paris"
  std::string spelled;  ///< the text with its capitals
  bool exact = false;   ///< the text stood in quotes
  char name = 0;        ///< 'x' of "x = 3"
};

/// What the question asks for, as far as it matters.
struct Asked {
  bool quantity = false;  ///< "how many", "calculate"
  bool percent = false;
  std::string words;  ///< its words, small, a blank around each
};
Asked read_asked(std::string_view question);

/// `text`: a final answer alone, as it was written. Kind none: there is none, or it is longer than can be compared.
AnswerValue read_value(std::string_view text);

/// What `text` says once the question's own words are left out: "Canberra" of "The capital of Australia is Canberra".
/// Kind none: nothing is left out.
AnswerValue read_value_behind_question(std::string_view text, const Asked& asked);

/// Of two kinds, or where words differ that may mean the same: unclear.
Sameness compare(const AnswerValue& a, const AnswerValue& b, const Asked& asked);

}  // namespace triage::verify
