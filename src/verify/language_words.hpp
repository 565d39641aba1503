#pragma once
// Words by which a text shows that it speaks of languages: "translate", "in English", in 60 languages.

#include <string_view>

namespace triage::verify {

/// `folded` must be as fold_case() makes it. English words are matched whole, others at their beginning, and in scripts
/// without spaces anywhere.
bool speaks_of_languages(std::string_view folded);

}  // namespace triage::verify
