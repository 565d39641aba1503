#pragma once
// Normalises a short answer, so that different spellings of the same answer look the same.

#include <string>
#include <string_view>

namespace triage::verify {

/// Turns LaTeX, full-width forms, digits of other scripts and typographic punctuation into ASCII: "$\dfrac{3}{4}$" and
/// "¾" become "3/4", "10^{6}" and "10⁶" become "10^6", "−5 °C" becomes "-5 degrees C", "１，０００" becomes "1,000".
/// White space of any kind becomes one space; Markdown emphasis is removed. No letter or operator is lost.
std::string plain_spelling(std::string_view text);

}  // namespace triage::verify
