#pragma once
// A short answer without its dress, so that what is written differently and means the same looks the same.

#include <string>
#include <string_view>

namespace triage::verify {

/// LaTeX, full-width forms, digits of other scripts and typographic marks become ASCII: "$\dfrac{3}{4}$" and "¾" are
/// "3/4", "10^{6}" and "10⁶" are "10^6", "−5 °C" is "-5 degrees C", "１，０００" is "1,000". Blanks of all kinds become
/// one blank; emphasis of Markdown goes. Neither letters nor operators are lost.
std::string plain_spelling(std::string_view text);

}  // namespace triage::verify
