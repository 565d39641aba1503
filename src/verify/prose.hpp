#pragma once
// Extracts from a text what is written in a language: no code, no formulas, no file names.

#include <cstddef>
#include <string>
#include <string_view>

namespace triage::verify {

struct Prose {
  std::string text;    ///< plain words separated by spaces
  bool names = false;  ///< most words are capitalised, as in a list of names
};

/// Takes the first `kept_max` bytes of prose in `text`. It leaves out what is in back-quotes, lines of code, words with
/// digits or punctuation inside, and words in capitals. Empty: less than half of the text is plain words.
Prose prose_of(std::string_view text, std::size_t kept_max = 2048);

}  // namespace triage::verify
