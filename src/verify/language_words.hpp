#pragma once
// Words by which a text shows that it speaks of languages: "translate", "in English", in 60 languages.

#include <string_view>

namespace triage::verify {

/// `folded`: as fold_case() makes it. Whole words of English are looked for, and beginnings of others; in
/// scripts without blanks, anywhere.
bool speaks_of_languages(std::string_view folded);

}  // namespace triage::verify
