#pragma once
// Which language a text is in, by CLD2 (Compact Language Detector 2, Apache-2.0).

#include <string>
#include <string_view>

namespace triage::verify {

struct Language {
  std::string code;  ///< as CLD2 has it, mostly ISO 639-1: "en", "zh-Hant", "iw"; empty: cannot be told
  int letters = 0;   ///< bytes of them
};

/// `text`: plain, UTF-8. `hint`: another's language, that it may be in, too.
Language language_of(std::string_view text, const Language& hint = {});

/// Whether a text of so many letters may be taken for one language or the other: Norwegian for Danish, Croatian for
/// Serbian.
bool may_be_confused(const Language& a, const Language& b);

}  // namespace triage::verify
