#pragma once
// Detects the language of a text with CLD2 (Compact Language Detector 2, Apache-2.0).

#include <string>
#include <string_view>

namespace triage::verify {

struct Language {
  std::string code;  ///< CLD2's code, mostly ISO 639-1: "en", "zh-Hant", "iw"; empty: unknown
  int letters = 0;   ///< bytes of letters
};

/// `text` is plain UTF-8. `hint` is another text's language, which `text` may share.
Language language_of(std::string_view text, const Language& hint = {});

/// Whether a text with so few letters may be in either of the two languages: Norwegian and Danish, Croatian and
/// Serbian.
bool may_be_confused(const Language& a, const Language& b);

}  // namespace triage::verify
