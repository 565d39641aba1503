#pragma once
// What the words around a number do to it: negate it, give it a sign or a direction, multiply it, bound it.

#include <string_view>

namespace triage::verify {

/// Whether the words say that something is not so: "It is not 5.", in several languages.
bool denies(std::string_view words);

/// Whether two answers with the same number may mean different things by it, judging by the words among which it
/// stands: "She lost 5", "She gained 5"; "at least 5", "5". Empty: it stands alone. `asked` are the question's words,
/// with a space around each: a word that the question has, and not its opposite, may be left out of an answer.
bool may_contrast(std::string_view one, std::string_view other, std::string_view asked);

/// Whether a text, which is an answer or what is marked as one, says only that there is none: "I don't know.", "N/A",
/// "...", "TODO".
bool gives_no_answer(std::string_view text);

}  // namespace triage::verify
